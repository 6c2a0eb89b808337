"""The one place where transactions begin and end."""

from asyncio import timeout
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

import stamina
from sqlalchemy import Connection, Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app import deadline
from app.database import engine, failures
from app.database.changes import Change, Outcome, apply_all, is_mergeable
from app.database.committing import GroupCommit
from app.database.engine import Options
from app.database.transactions import Pooled, Threaded, Transactions

T = TypeVar("T")

# SQLite has one writer. On PostgreSQL a second batch is stored while the first one's commit is on its way.
LANES = {"sqlite": 1, "postgresql": 2}


class Database:
    """The data, behind two doors: `read` and `write`.

    What passes through them is plain synchronous code over one connection, which no resolver can share
    and no network call can interrupt. What the database can't do for now is `Refused`.
    """

    def __init__(self, url: str, options: Options | None = None) -> None:
        options = options or Options()
        self.engine = engine.pooled(url, options)
        self.direct = engine.direct(url, options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._transactions = _transactions(url, self.engine, options)
        self._commits = GroupCommit(
            self._commit,
            lanes=LANES[self.engine.dialect.name],
            size=options.queue_size,
            patience=options.pool_timeout,
            **({"group": attrgetter("tenant_id")} if options.batch_by_tenant and not self.is_sqlite else {}),
        )
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=None, timeout=options.retry_timeout, wait_initial=0.02, wait_max=1.0, wait_jitter=0.1
        ).on(failures.is_transient)

    @deadline.kept
    async def read(self, query: Callable[[Connection], T]) -> T:
        """The answer of `query`: on SQLite all of it from one snapshot, on PostgreSQL each statement from its own."""
        return await self._run(query, writes=False)

    @deadline.kept
    async def write(self, change: Change[T]) -> T:
        """Apply `change` in a transaction, and answer once it is committed. What it raises takes it back.

        The transaction is shared with others, where that is quicker. When the connection is lost it is applied
        again; what it finds of its own then tells whether the commit had arrived.
        """
        # On PostgreSQL a change that reads first would hold its locks while others take their turn.
        if self.is_sqlite or is_mergeable(change):
            return await self._commits.write(change)
        return await self._run(change.apply, writes=True)

    async def _commit(self, changes: Sequence[Change[Any]], *, again: bool) -> Sequence[Outcome]:
        outcomes = await self._run(partial(apply_all, changes=changes), writes=True, retry=again)
        if any(getattr(change, "leaves_no_trace", False) for change in changes):
            await self._transactions.forget()
        return outcomes

    async def _run(self, work: Callable[[Connection], T], *, writes: bool, retry: bool = False) -> T:
        try:
            try:
                return await self._transactions.run(work, writes=writes, retry=retry)
            except Exception as error:
                if not failures.is_transient(error):
                    raise
            return await self._retrying(lambda: self._transactions.run(work, writes=writes, retry=True))
        except Exception as error:
            if refusal := failures.refusal_of(error):
                raise refusal from error
            raise

    @property
    def sync_engine(self) -> Engine:
        """What the statements of `read` and `write` go through: for SQLAlchemy's events."""
        return self._transactions.engine

    @property
    def in_line(self) -> int:
        """How many changes wait for a commit to take them."""
        return len(self._commits)

    async def ping(self, within: float) -> None:
        """Reach the database itself, whatever the pool is doing. Raises when it takes longer than `within` seconds."""
        async with timeout(within), self.direct.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Commit what is on its way, then let go of every connection."""
        await self._commits.close()
        await self._transactions.close()
        await self.engine.dispose()
        await self.direct.dispose()


def _transactions(url: str, pooled: AsyncEngine, options: Options) -> Transactions:
    if pooled.dialect.name == "sqlite":
        return Threaded(engine.threaded(url, options), options.pool_timeout)
    # In a pgbouncer's transaction mode, a statement that is prepared outside a transaction may be executed elsewhere.
    return Pooled(pooled, by_statement=not options.pgbouncer)
