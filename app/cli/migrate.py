"""`migrate`: the database's schema brought to this version's."""

import asyncio

import typer

from app import migrations
from app.database import Database
from app.settings import Settings


def migrate() -> None:
    """Bring the database's schema to this version's."""
    asyncio.run(_migrate(Settings().database_url))


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await database.write(migrations.Upgrade())
    finally:
        await database.close()
    typer.echo("The schema is up to date.", err=True)
