"""PostgreSQL through asyncpg, which reads the whole URL itself: several hosts, target_session_attrs, TLS."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from app.errors import Unusable

CONNECT_TIMEOUT = 5.0

# How much longer than the server's own limit a statement may take: beyond it, the server is not there.
GRACE = 5.0

# How long a transaction that many share waits for a lock, at most. Then who is waited for holds up one caller only.
GIVE_WAY = text("SET LOCAL lock_timeout = '500ms'")


def give_way(connection: Connection) -> None:
    """Have the transaction fail rather than wait long for what another one holds."""
    if connection.dialect.name == "postgresql":
        connection.execute(GIVE_WAY)


def connect_args(dsn: str, statement_timeout: float, *, pgbouncer: bool) -> dict[str, Any]:
    """What SQLAlchemy hands to the driver. `statement_timeout` is in seconds."""
    try:
        import asyncpg  # type: ignore[import-untyped]
    except ImportError:
        raise Unusable("PostgreSQL needs its driver: pip install 'billfolk[postgres]'") from None
    settings = {
        "application_name": "billfolk",
        "statement_timeout": str(int(statement_timeout * 1000)),
        "idle_in_transaction_session_timeout": str(int((statement_timeout + GRACE) * 1000)),
    }

    async def connect(**arguments: Any) -> Any:
        try:
            return await asyncpg.connect(
                dsn, timeout=CONNECT_TIMEOUT, command_timeout=statement_timeout + GRACE, **arguments
            )
        except TimeoutError as error:
            # Told apart from a statement's: one that never began may be tried again.
            raise ConnectionError("the server did not answer in time") from error
        except (asyncpg.ClientConfigurationError, ValueError) as error:
            raise Unusable("BILLFOLK_DATABASE_URL is not a URL that PostgreSQL's driver understands") from error

    if not pgbouncer:
        return {"async_creator_fn": connect, "server_settings": settings}
    # In transaction mode each transaction may meet another server connection: nothing prepared may be remembered by
    # name, and a session's settings would be somebody else's.
    return {
        "async_creator_fn": connect,
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: f"__billfolk_{uuid4()}__",
    }
