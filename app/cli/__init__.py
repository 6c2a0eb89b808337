"""The command line: what an operator does with Billfolk."""

import sys

import typer
from pydantic import ValidationError

from app.cli import backup, demo, distribute, exporting, importing, keys, migrate, purge, serve, settings
from app.errors import Refused, Unusable
from app.observing import logs
from app.settings import Settings, wrong

app = typer.Typer(
    name="python -m app",
    help="Billfolk, a registry of billing customers behind a GraphQL API. Settings are BILLFOLK_* variables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.callback()(lambda: logs.configure(Settings()))
app.command("serve")(serve.serve)
app.command("migrate")(migrate.migrate)
app.command("backup")(backup.backup)
app.command("purge")(purge.purge)
app.command("distribute")(distribute.distribute)
app.command("import")(importing.import_)
app.command("export")(exporting.export_)
app.command("demo")(demo.demo)
app.command("settings")(settings.settings)
app.add_typer(keys.app, name="keys")


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
