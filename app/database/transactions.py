"""One transaction after another, in the way that each engine takes them best."""

import asyncio
from asyncio import Semaphore, timeout
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from app.database import failures, sqlite
from app.database.pool import Pool

T = TypeVar("T")
Work = Callable[[Connection], T]


class Transactions(Protocol):
    """Runs plain synchronous code in a transaction of its own. `retry`: the same may have been committed before."""

    engine: Engine

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T: ...

    async def forget(self) -> None:
        """Have nothing left of what was overwritten."""

    async def close(self) -> None: ...


def transact(engine: Engine, work: Work[T], writes: bool, retry: bool) -> T:
    with engine.connect() as connection:
        connection.execution_options(billfolk_writes=writes, billfolk_retry=retry)
        try:
            with connection.begin():
                return work(connection)
        except Exception as error:
            if failures.state_of(error) == failures.READ_ONLY:
                # The primary has become a standby: the next connection asks every host again.
                connection.invalidate(error)
            raise


class Pooled(Transactions):
    """PostgreSQL's, each on a connection of the pool."""

    def __init__(self, engine: AsyncEngine, *, by_statement: bool) -> None:
        """`by_statement`: each statement that reads is a transaction, which saves two of three round trips.

        It sees no less for that: in one transaction, too, each would see what is committed when it begins.
        """
        self._engine = engine
        self.engine = engine.sync_engine
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT") if by_statement else self.engine

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T:
        return await greenlet_spawn(transact, self.engine if writes else self._reading, work, writes, retry)

    async def forget(self) -> None:
        """PostgreSQL vacuums by itself."""

    async def close(self) -> None:
        await self._engine.dispose()


class Threaded(Transactions):
    """SQLite's: one thread writes and some read, each a whole transaction without a stop in between."""

    def __init__(self, engine: Engine, patience: float) -> None:
        assert isinstance(engine.pool, Pool)  # noqa: S101 - it was made with one
        self.engine = engine
        self._pool = engine.pool
        self._patience = patience
        self._writer = ThreadPoolExecutor(1, "billfolk-writer")
        # One connection is the writer's.
        readers = max(1, self._pool.size() - 1)
        self._readers = ThreadPoolExecutor(readers, "billfolk-reader")
        self._free = Semaphore(readers)

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T:
        if not writes:
            await self._turn()
        loop = asyncio.get_running_loop()
        threads = self._writer if writes else self._readers
        done = loop.run_in_executor(threads, copy_context().run, transact, self.engine, work, writes, retry)
        if not writes:
            done.add_done_callback(lambda _: self._free.release())
        # A thread can't be stopped: what has begun ends, whether or not somebody still waits for it.
        done.add_done_callback(_heard)
        return await asyncio.shield(done)

    async def _turn(self) -> None:
        """Wait until a reader is free."""
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            with self._pool.counted():
                async with timeout(self._patience):
                    await self._free.acquire()
        except TimeoutError as error:
            raise failures.busy() from error

    async def forget(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, sqlite.forget, self.engine)

    async def close(self) -> None:
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        self.engine.dispose()


def _heard(done: asyncio.Future[Any]) -> None:
    """What went wrong is nobody's any more when nobody waits for it, and nothing that asyncio should report."""
    if not done.cancelled():
        done.exception()
