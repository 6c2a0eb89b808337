"""The session in which the schema changes: one at a time, and never in anybody's way for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database import Database, failures
from app.errors import Unusable
from app.migrations import live

# An advisory lock is known by a number, within its database.
LOCK = int.from_bytes(b"billfolk")
LOCK_NOT_AVAILABLE = "55P03"


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection of its own, whose lock and settings end with it, while no other session changes the schema.

    On SQLite it is inside the one transaction of the whole upgrade. On PostgreSQL it is outside any: each migration
    has a transaction, which it may leave for what PostgreSQL refuses inside one.
    """
    alone = _alone_on_sqlite if database.is_sqlite else _alone_on_postgresql
    async with database.direct.connect() as connection, alone(connection):
        yield connection


@asynccontextmanager
async def _alone_on_sqlite(connection: AsyncConnection) -> AsyncIterator[None]:
    # SQLite alters most of a table by copying, dropping and renaming it, which enforced foreign keys forbid. They are
    # checked below instead. Said to the driver: inside a transaction the pragma does nothing.
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver  # noqa: S101 - the connection is open
    await driver.execute("PRAGMA foreign_keys=OFF")
    await connection.execution_options(billfolk_writes=True)
    async with connection.begin():
        yield
        broken = await connection.exec_driver_sql("PRAGMA foreign_key_check")
        if row := broken.first():
            raise Unusable(f"The migration would leave a row of {row[0]} that refers to nothing. Nothing was changed.")


@asynccontextmanager
async def _alone_on_postgresql(connection: AsyncConnection) -> AsyncIterator[None]:
    for statement in live.TIMEOUTS:
        await connection.execute(text(statement))
    # Asked for again and again. A statement that waits for the lock holds a snapshot, and whoever has the lock may
    # be building an index concurrently, which waits for every snapshot: a deadlock.
    while not await connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
        await connection.commit()
        await asyncio.sleep(0.1)
    await connection.commit()
    try:
        yield
    except DBAPIError as error:
        if failures.state_of(error) == LOCK_NOT_AVAILABLE:
            raise Unusable(
                "A long transaction holds what the migration needs, so it gave way. Run it again."
            ) from error
        raise
