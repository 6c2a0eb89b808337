"""`purge`: what was kept for a while only, removed now."""

import asyncio

import typer

from app import migrations, purging
from app.opening import connected, explained
from app.settings import Settings


def purge() -> None:
    """Remove idempotency keys past their time. Servers do so themselves, about once an hour."""
    removed = asyncio.run(_purge(Settings()))
    typer.echo(f"Idempotency keys removed: {removed:,}", err=True)


async def _purge(settings: Settings) -> int:
    async with connected(settings.database_url, settings.database_options()) as database:
        with explained():
            migrations.require(await migrations.standing(database))
        return await purging.purge(database, settings.idempotency_retention)
