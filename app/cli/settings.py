"""`settings`: what is in force, and whence it is."""

from typing import Annotated

import typer

from app.settings import Settings, in_force, markdown


def settings(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The README's tables, with the defaults.")] = False,
) -> None:
    """Print every setting, its value and whence it is: environment, file or default. Secrets are masked."""
    if as_markdown:
        typer.echo(markdown(), nl=False)
        return
    for line in in_force(Settings()):
        typer.echo(line)
