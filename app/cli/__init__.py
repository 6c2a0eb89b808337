"""The command line: what an operator does with Billfolk."""

import sys
from typing import ClassVar

import typer
from pydantic import ValidationError

from app.cli.lazily import Lazily
from app.errors import Refused, Unusable
from app.observing import logs
from app.settings import Settings, wrong


class Commands(Lazily):
    places: ClassVar = {
        "serve": "app.cli.serve:serve",
        "migrate": "app.cli.migrate:migrate",
        "backup": "app.cli.backup:backup",
        "purge": "app.cli.purge:purge",
        "distribute": "app.cli.distribute:distribute",
        "import": "app.cli.importing:import_",
        "export": "app.cli.exporting:export_",
        "demo": "app.cli.demo:demo",
        "settings": "app.cli.settings:settings",
        "keys": "app.cli.keys:app",
    }


app = typer.Typer(
    name="python -m app",
    cls=Commands,
    help="Billfolk, a registry of billing customers behind a GraphQL API. Settings are BILLFOLK_* variables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.callback()(lambda: logs.configure(Settings()))


def main() -> None:
    """Run the command. What can't run is told in one line for each fault, with exit code 1."""
    try:
        app()
    except (Unusable, Refused) as error:
        sys.exit(f"billfolk: {error}")
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        sys.exit("\n".join(f"billfolk: {line}" for line in wrong(error)))
