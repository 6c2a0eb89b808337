"""`python -m graph.releases`: may the schema be released? `python -m graph.releases 1.2.0`: it is."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from graph.releases.release import Checkout
from graph.schema import schema


def main(version: Annotated[str | None, typer.Argument(help="The release to make: 1.2.0.")] = None) -> None:
    """Compare the schema with the last release's. With a version, make the release."""
    checkout = Checkout(Path(__file__).parents[2], schema.as_str() + "\n")
    today = datetime.now(UTC).date()
    if version is None:
        for change in checkout.changes():
            typer.echo(f"{change.level:9}  {change.kind} `{change.coordinate}`")
        end_if(checkout.faults(today))
    else:
        end_if(checkout.release(version, today))
        typer.echo(f"The release is made. Commit it, and tag the commit: git tag v{version}", err=True)


def end_if(faults: Iterable[str]) -> None:
    if told := list(faults):
        sys.exit("\n".join(told))


if __name__ == "__main__":
    typer.run(main)
