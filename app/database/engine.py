"""Engines: from the URL that an operator writes to a pool of connections that keep their promises."""

from typing import Any

import orjson
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.errors import Unusable

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

# FULL, not NORMAL: in WAL mode NORMAL may lose an acknowledged commit when the power goes.
PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "10000"}


def create(url: str) -> AsyncEngine:
    """An engine for `sqlite:///path` or `postgresql://…`; which driver serves it is our business."""
    target = parse(url)
    if target.get_backend_name() == "sqlite":
        return _sqlite(target)
    return create_async_engine(target, json_serializer=lambda value: orjson.dumps(value).decode())


def parse(url: str) -> URL:
    try:
        target = make_url(url)
        return target.set(drivername=DRIVERS[target.drivername])
    except (ArgumentError, KeyError, ValueError):
        # The URL is not repeated: it may hold a password.
        raise Unusable("BILLFOLK_DATABASE_URL must begin with sqlite:/// or postgresql://") from None


def _sqlite(target: URL) -> AsyncEngine:
    # The driver begins no transaction of its own: `begin` below says BEGIN in the right mode.
    engine = create_async_engine(target, connect_args={"isolation_level": None})

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
