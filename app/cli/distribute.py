"""`distribute`: the tables spread over a Citus cluster."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any

import typer
from sqlalchemy import CursorResult

from app import distribution, migrations
from app.database import Database
from app.errors import Unusable
from app.opening import connected, explained
from app.settings import Settings

# Seconds: rows are copied while a statement runs.
A_DAY = 86_400.0


def distribute(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the statements, and connect to nothing.")] = False,
) -> None:
    """Spread the tables over a Citus cluster, by tenant. Those that are spread already are left alone."""
    if dry_run:
        for statement in distribution.statements():
            typer.echo(f"{statement};")
        return
    asyncio.run(_distribute(Settings()))


async def _distribute(settings: Settings) -> None:
    options = replace(settings.database_options(), statement_timeout=A_DAY)
    async with connected(settings.database_url, options) as database:
        if database.is_sqlite:
            raise Unusable("Only PostgreSQL with the extension Citus can be distributed")
        with explained():
            migrations.require(await migrations.standing(database))
            await _place(database)
    typer.echo("Every table is where it belongs.", err=True)


async def _place(database: Database) -> None:
    """Run what is still needed, each statement in a transaction of its own: begun again, it goes on where it ended."""
    async with database.direct.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        run: Callable[[str], Awaitable[CursorResult[Any]]] = connection.exec_driver_sql
        if (await run(distribution.CATALOGUE)).scalar() is None:
            raise Unusable("The database has no Citus. On a server that has it: CREATE EXTENSION citus")
        for setting in distribution.SETTINGS:
            await run(setting)
        placed = set((await run(distribution.PLACED)).scalars())
        for place in distribution.placements():
            if place.table not in placed:
                typer.echo(place.statement, err=True)
                await run(place.statement)
        for place in distribution.placements():
            if (await run(place.leftover)).scalar():
                typer.echo(place.clean, err=True)
                await run(place.clean)
