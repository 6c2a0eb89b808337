"""SQLite: the embedded default."""

import sqlite3
from contextlib import closing
from time import monotonic
from typing import Any

from sqlalchemy import URL, AdaptedConnection, Connection, Engine, FromClause, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError

from app import deadline
from app.errors import Unusable

# How often a statement is asked whether it is too late: every few milliseconds. Most end before they are asked once.
STEPS = 100_000

# The driver begins no transaction of its own: `begin` below says BEGIN in the right mode.
CONNECT = {"isolation_level": None}

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


def configured(engine: Engine) -> Engine:
    engine.dialect.statement_compiler = Compiler

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()
        end_in_time(connection, record.info)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock before it reads; one that upgrades later fails with "database is locked".
        writes = connection.get_execution_options().get("billfolk_writes", False)
        connection.info["until"] = None if writes else deadline.until()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def end_in_time(connection: Any, info: dict[str, Any]) -> None:
    """Have what is read end at the deadline, and give its thread back: SQLite knows no time itself."""

    def is_late() -> bool:
        until = info.get("until")
        return until is not None and monotonic() > until

    if isinstance(connection, AdaptedConnection):
        connection.run_async(lambda driver: driver.set_progress_handler(is_late, STEPS))
    else:
        connection.set_progress_handler(is_late, STEPS)


def forget(engine: Engine) -> None:
    """Bring the log into the file and empty it: it holds the pages as they were before."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - it was just opened
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
