"""Engines: from the URL that an operator writes to a pool of connections that keep their promises."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.database import postgresql, sqlite
from app.database.pool import AsyncPool, Pool
from app.errors import Unusable

# Parameters are personal values: no exception and no log may hold them.
PRIVATE: dict[str, Any] = {"hide_parameters": True}


@dataclass(frozen=True, slots=True)
class Options:
    """How the database is reached. Times are in seconds.

    `direct_url` is for what needs a session of its own, when `url` leads to a pgbouncer in transaction mode.
    `queue_size` is how many changes may wait for their commit, and `batch_by_tenant` has each commit hold one tenant's.
    """

    pool_size: int = 10
    pool_timeout: float = 5.0
    statement_timeout: float = 10.0
    retry_timeout: float = 20.0
    pgbouncer: bool = False
    direct_url: str | None = None
    queue_size: int = 1024
    batch_by_tenant: bool = False


def pooled(url: str, options: Options) -> AsyncEngine:
    """An engine whose connections are kept, and are at most `pool_size`."""
    return _create(url, options, pgbouncer=options.pgbouncer, poolclass=AsyncPool, **_size(options))


def direct(url: str, options: Options) -> AsyncEngine:
    """An engine whose connections are opened when they are needed: no pool, and no pgbouncer between."""
    return _create(options.direct_url or url, options, pgbouncer=False, poolclass=NullPool)


def threaded(url: str, options: Options) -> Engine:
    """An engine for threads on SQLite, whose connections are kept, and are at most `pool_size`."""
    shared = {**PRIVATE, "poolclass": Pool, **_size(options)}
    target = sqlite.target(url).set(drivername="sqlite")
    return sqlite.configured(create_engine(target, connect_args=sqlite.CONNECT, **shared))


def _size(options: Options) -> dict[str, Any]:
    return {"pool_size": options.pool_size, "max_overflow": 0, "pool_timeout": options.pool_timeout}


def _create(url: str, options: Options, *, pgbouncer: bool, **pool: Any) -> AsyncEngine:
    shared = {**PRIVATE, **pool}
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        engine = create_async_engine(sqlite.target(url), connect_args=sqlite.CONNECT, **shared)
        sqlite.configured(engine.sync_engine)
        return engine
    if separator and scheme in {"postgresql", "postgres"}:
        connect = postgresql.connect_args(f"postgresql://{rest}", options.statement_timeout, pgbouncer=pgbouncer)
        return create_async_engine(
            "postgresql+asyncpg://", connect_args=connect, json_serializer=lambda v: orjson.dumps(v).decode(), **shared
        )
    # The URL is not repeated: it may hold a password.
    raise Unusable("BILLFOLK_DATABASE_URL must begin with sqlite:/// or postgresql://")
