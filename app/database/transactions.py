"""One transaction after another, in the way that each engine takes them best."""

import asyncio
from asyncio import Semaphore, timeout
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import failures, sqlite

T = TypeVar("T")
Work = Callable[[Connection], T]


class Transactions(Protocol):
    """Runs plain synchronous code in a transaction of its own. `retry`: the same may have been committed before."""

    engine: Engine

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T: ...

    async def forget(self) -> None:
        """Have nothing left of what was overwritten."""

    async def close(self) -> None: ...


class Pooled(Transactions):
    """PostgreSQL's, each on a connection of the pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.engine = engine.sync_engine

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T:
        async with self._engine.connect() as connection:
            await connection.execution_options(billfolk_writes=writes, billfolk_retry=retry)
            try:
                async with connection.begin():
                    return await connection.run_sync(work)
            except Exception as error:
                if failures.state_of(error) == failures.READ_ONLY:
                    # The primary has become a standby: the next connection asks every host again.
                    await connection.invalidate(error)
                raise

    async def forget(self) -> None:
        """PostgreSQL vacuums by itself."""

    async def close(self) -> None:
        await self._engine.dispose()


class Threaded(Transactions):
    """SQLite's: on one thread that writes and some that read, each transaction whole, without a stop in between."""

    def __init__(self, engine: Engine, readers: int, patience: float) -> None:
        self.engine = engine
        self._patience = patience
        self._writer = ThreadPoolExecutor(1, "billfolk-writer")
        self._readers = ThreadPoolExecutor(readers, "billfolk-reader")
        self._free = Semaphore(readers)

    async def run(self, work: Work[T], *, writes: bool, retry: bool = False) -> T:
        loop = asyncio.get_running_loop()
        if writes:
            return await loop.run_in_executor(self._writer, self._run, work, writes, retry)
        try:
            async with timeout(self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise failures.busy() from error
        reading = loop.run_in_executor(self._readers, self._run, work, writes, retry)
        # Also when nobody waits for it any more: a thread can't be stopped.
        reading.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(reading)

    def _run(self, work: Work[T], writes: bool, retry: bool) -> T:
        with self.engine.connect() as connection:
            connection.execution_options(billfolk_writes=writes, billfolk_retry=retry)
            with connection.begin():
                return work(connection)

    async def forget(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, sqlite.forget, self.engine)

    async def close(self) -> None:
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        self.engine.dispose()
