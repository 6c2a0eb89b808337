"""`migrate`: the database's schema brought to this version's."""

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from app import migrations
from app.opening import connected, explained
from app.settings import Settings

# Seconds. An index of a large table takes hours; what may not take long is held to less by the migrations' session.
A_DAY = 86_400.0


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether it is up to date: exit code 0 or 1.")
    ] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Only print the SQL of the pending migrations.")] = False,
) -> None:
    """Bring the database's schema to this version's. Several at once are safe: one does it, the others find it done."""
    if check and sql:
        raise typer.BadParameter("--check and --sql exclude each other.")
    asyncio.run(_migrate(Settings(), check, sql))


async def _migrate(settings: Settings, check: bool, sql: bool) -> None:
    options = replace(settings.database_options(), statement_timeout=A_DAY)
    async with connected(settings.database_url, options) as database:
        with explained():
            if not check and not sql:
                await migrations.upgrade(database)
            at = await migrations.standing(database)
    if sql and (pending := migrations.pending_sql(database.engine.dialect.name, at)):
        typer.echo(pending, nl=False)
        return
    migrations.require(at)
    typer.echo("The schema is up to date.", err=True)
