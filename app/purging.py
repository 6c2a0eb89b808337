"""What is kept for a while only: idempotency keys, removed when their time is over.

Any number of processes may do it at once, the servers among them: they take turns, batch by batch.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, tuple_

from app.database import Database, lock_in_turn
from app.idempotency import KEYS

# Rows of one transaction: few enough for nobody to notice.
BATCH = 500
# Between two of them others write: SQLite's busy handler, unlike a queue, needs the time to look again.
PAUSE = timedelta(milliseconds=50)
# Beyond the promised time: a key is as old as its call, which may have waited, and machines' clocks differ.
MARGIN = timedelta(minutes=5)
HOUR = timedelta(hours=1)

log = logging.getLogger("billfolk")


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest keys from before that moment, at most so many. Answers how many were removed."""

    before: datetime
    limit: int

    def apply(self, connection: Connection) -> int:
        lock_in_turn(connection, "billfolk:purge")
        columns = KEYS.c
        identity = (columns.tenant_id, columns.environment_id, columns.key)
        is_past = columns.created_at < self.before
        # Two statements: Citus can't limit a deletion that touches every tenant.
        oldest = select(*identity).where(is_past).order_by(columns.created_at).limit(self.limit)
        found = [tuple(row) for row in connection.execute(oldest)]
        if not found:
            return 0
        return connection.execute(delete(KEYS).where(tuple_(*identity).in_(found), is_past)).rowcount


async def purge(database: Database, retention: timedelta, *, now: datetime | None = None, batch: int = BATCH) -> int:
    """Remove the idempotency keys that were used longer than `retention` ago. Returns how many."""
    before = (now or datetime.now(UTC)) - retention - MARGIN
    total = 0
    while removed := await database.write(Batch(before, batch)):
        total += removed
        await asyncio.sleep(PAUSE.total_seconds())
    return total


@asynccontextmanager
async def regularly(database: Database, retention: timedelta, every: timedelta = HOUR) -> AsyncIterator[None]:
    """Purge in the background meanwhile."""
    purging = asyncio.create_task(_again_and_again(database, retention, every))
    try:
        yield
    finally:
        purging.cancel()
        await asyncio.wait([purging])


async def _again_and_again(database: Database, retention: timedelta, every: timedelta) -> None:
    while True:
        # Up to twice as long, or at once: servers that start together need not purge together.
        await asyncio.sleep(random.uniform(0, 2) * every.total_seconds())  # noqa: S311 - no secret
        try:
            removed = await purge(database, retention)
        except Exception:  # whatever it is, it is no reason to serve nobody
            log.warning("idempotency keys could not be purged; tried again in about an hour", exc_info=True)
        else:
            log.info("%d idempotency keys purged", removed)
