"""The one place where transactions begin and end."""

from asyncio import Lock
from collections.abc import Callable
from contextlib import nullcontext
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from app.database import engine

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Change(Protocol[T_co]):
    """What one mutation does to the data, as a value.

    Its ids and its time are made with it, so that it may be applied again, whole and to the same effect,
    when the first transaction came to nothing. It touches nothing but its connection.
    """

    def apply(self, connection: Connection) -> T_co: ...


class Database:
    """The data, behind two doors: `read` and `write`.

    What passes through them is plain synchronous code over one connection, which no resolver can share
    and no network call can interrupt.
    """

    def __init__(self, url: str) -> None:
        self.engine = engine.create(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite has one writer. Those of this process wait here in turn, not in its busy handler.
        self._turn: Lock | nullcontext[None] = Lock() if self.is_sqlite else nullcontext()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """The answer of `query`, from one snapshot on SQLite, from one transaction on PostgreSQL."""
        async with self.engine.connect() as connection, connection.begin():
            return await connection.run_sync(query)

    async def write(self, change: Change[T]) -> T:
        """Apply `change` in one transaction, and answer once it is committed. What it raises rolls it back."""
        async with self._turn, self.engine.connect() as connection:
            await connection.execution_options(billfolk_writes=True)
            async with connection.begin():
                return await connection.run_sync(change.apply)

    async def close(self) -> None:
        await self.engine.dispose()
