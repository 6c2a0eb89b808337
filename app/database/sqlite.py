"""SQLite: the embedded default."""

import sqlite3
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, FromClause, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import Unusable


class Interruptible(aiosqlite.Connection):
    """A connection whose statement ends when nobody waits for it any more, and does not keep its thread."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # it has none
        except CancelledError:
            with suppress(sqlite3.ProgrammingError):  # it was closed meanwhile
                await self.interrupt()
            raise


def connect(database: str, **arguments: Any) -> Interruptible:
    connection = Interruptible(partial(sqlite3.connect, database, **arguments), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy has it for connections that it makes itself
    return connection


# The driver begins no transaction of its own: `begin` below says BEGIN in the right mode.
CONNECT: dict[str, Any] = {"isolation_level": None, "async_creator_fn": connect}

# FULL, not NORMAL: in WAL mode NORMAL may lose an acknowledged commit when the power goes.
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    # What is erased is overwritten, not only unlinked.
    "secure_delete": "ON",
}


def target(url: str) -> URL:
    try:
        return make_url(url).set(drivername="sqlite+aiosqlite")
    except (ArgumentError, ValueError):
        raise Unusable("BILLFOLK_DATABASE_URL must be sqlite:///relative.db or sqlite:////absolute.db") from None


def probe(url: URL) -> None:
    """Open the file once. Where that fails, aiosqlite's thread would speak to a loop that has ended by then."""
    with closing(sqlite3.connect(url.database or "")):
        pass


class Compiler(SQLiteCompiler):
    """SQLAlchemy's, with what it leaves out: the hints of `Select.with_hint`, such as INDEXED BY."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def configured(engine: AsyncEngine) -> AsyncEngine:
    engine.dialect.statement_compiler = Compiler

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock before it reads; one that upgrades later fails with "database is locked".
        writes = connection.get_execution_options().get("billfolk_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


async def forget(engine: AsyncEngine) -> None:
    """Bring the log into the file and empty it: it holds the pages as they were before."""
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None  # noqa: S101 - it was just opened
        await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
