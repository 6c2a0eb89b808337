"""The one place where transactions begin and end."""

from asyncio import Lock, timeout
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from itertools import count
from typing import Protocol, TypeVar

import stamina
from sqlalchemy import Connection, text

from app import deadline
from app.database import engine, failures, sqlite
from app.database.engine import Options

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Change(Protocol[T_co]):
    """What one mutation does to the data, as a value.

    Its ids and its time are made with it, so that it may be applied again, whole and to the same effect,
    when the first transaction came to nothing or its answer was lost. It touches nothing but its connection.
    With an attribute `leaves_no_trace` that is true, what it overwrote is gone from SQLite's log too.
    """

    def apply(self, connection: Connection) -> T_co: ...


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
        self._lock = Lock()
        self._patience = options.pool_timeout
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=None, timeout=options.retry_timeout, wait_initial=0.02, wait_max=1.0, wait_jitter=0.1
        ).on(failures.is_transient)

    @deadline.kept
    async def read(self, query: Callable[[Connection], T]) -> T:
        """The answer of `query`, from one snapshot on SQLite, from one transaction on PostgreSQL."""
        return await self._run(query, writes=False)

    @deadline.kept
    async def write(self, change: Change[T]) -> T:
        """Apply `change` in one transaction, and answer once it is committed. What it raises rolls it back.

        When the connection is lost it is applied again; what it finds of its own then tells whether the commit
        had arrived.
        """
        async with self._turn() if self.is_sqlite else nullcontext():
            done = await self._run(change.apply, writes=True)
            if self.is_sqlite and getattr(change, "leaves_no_trace", False):
                await sqlite.forget(self.engine)
            return done

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        # SQLite has one writer. Those of this process wait here, in turn, and not in its busy handler.
        try:
            async with timeout(self._patience):
                await self._lock.acquire()
        except TimeoutError as error:
            raise failures.busy() from error
        try:
            yield
        finally:
            self._lock.release()

    async def _run(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        tries = count()
        try:
            return await self._retrying(lambda: self._once(work, writes=writes, retry=next(tries) > 0))
        except Exception as error:
            if refusal := failures.refusal_of(error):
                raise refusal from error
            raise

    async def _once(self, work: Callable[[Connection], T], *, writes: bool, retry: bool) -> T:
        async with self.engine.connect() as connection:
            await connection.execution_options(billfolk_writes=writes, billfolk_retry=retry)
            try:
                async with connection.begin():
                    return await connection.run_sync(work)
            except Exception as error:
                if failures.state_of(error) == failures.READ_ONLY:
                    # The primary has become a standby: the next connection asks every host again.
                    await connection.invalidate(error)
                raise

    async def ping(self, within: float) -> None:
        """Reach the database itself, whatever the pool is doing. Raises when it takes longer than `within` seconds."""
        async with timeout(within), self.direct.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()
        await self.direct.dispose()
