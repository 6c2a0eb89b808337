"""`demo`: customers who do not exist, for trying things out."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app import identity
from app.cli.importing import import_
from app.errors import Unusable
from app.opening import opened
from app.settings import Settings
from app.transfer import Format, OnConflict, sample

# What `serve` makes of an empty database, too.
PLACE = ("default", "sandbox")


def demo(
    customers: Annotated[int, typer.Option(help="How many.", min=1, max=10_000_000)] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed, the same customers.", min=0)] = 1,
    tenant: Annotated[str | None, typer.Option(help="The tenant; may be left out when there is one.")] = None,
    environment: Annotated[str | None, typer.Option(help="The environment; likewise.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write JSON lines for `import` there, and store nothing.")] = None,
) -> None:
    """Fill an environment with companies and people of many countries. Those that are there already are left alone."""
    if output:
        write(output, customers, seed)
        return
    if tenant is None and environment is None:
        asyncio.run(_prepare())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo.jsonl"
        write(file, customers, seed)
        import_(
            str(file),
            tenant,
            environment,
            on_conflict=OnConflict.SKIP,
            format=Format.JSONL,
        )


def write(file: Path, customers: int, seed: int) -> None:
    try:
        with file.open("wb") as opened_file:
            opened_file.writelines(sample.lines(customers, seed))
    except OSError as error:
        raise Unusable(f"{file} can't be written: {error.strerror or error}") from error


async def _prepare() -> None:
    """A first tenant, where there is none: its key is made, and told, as `serve` would."""
    async with opened(Settings().database_url) as database:
        if key := await database.write(identity.FirstKey(identity.NewKey(*PLACE))):
            typer.echo(f"A first API key, shown this once: {key.secret}", err=True)
