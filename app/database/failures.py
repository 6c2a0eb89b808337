"""What a database's failure means: try again, tell the caller to, or a bug."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import RefusalCode, Refused

# Lost connections, a server that stops or starts, serialisation, deadlock, a primary that became a standby, no slots.
TRANSIENT_CLASSES = ("08",)
TRANSIENT_STATES = frozenset({"57P01", "57P02", "57P03", "40001", "40P01", "25006", "53300"})
READ_ONLY = "25006"
CANCELLED = "57014"
INTERRUPTED = "interrupted"


def state_of(error: BaseException) -> str:
    """The SQLSTATE, or nothing."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def is_transient(error: Exception) -> bool:
    """Whether the same transaction may succeed when it is run again, whole and with the same ids."""
    if isinstance(error, TimeoutError):
        return False
    if isinstance(error, OSError):  # asyncpg does not wrap a refused connection
        return True
    state = state_of(error)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if type(error).__name__ == "TargetServerAttributeNotMatched":  # every host answers, none is the primary yet
        return True
    return state.startswith(TRANSIENT_CLASSES) or state in TRANSIENT_STATES


def refusal_of(error: Exception) -> Refused | None:
    """What the caller is told; None for a bug."""
    if isinstance(error, PoolTimeout) or "locked" in _said_by_sqlite(error):
        return busy()
    if isinstance(error, TimeoutError) or state_of(error) == CANCELLED or _said_by_sqlite(error) == INTERRUPTED:
        return Refused(
            RefusalCode.TIMEOUT, "The database took too long. Try again; an idempotency key makes that safe."
        )
    if is_transient(error):
        return Refused(
            RefusalCode.BUSY,
            "The database can't be reached. Try again; an idempotency key makes that safe.",
            retry_after=2,
        )
    return None


def _said_by_sqlite(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    return str(cause) if isinstance(cause, sqlite3.OperationalError) else ""


def busy() -> Refused:
    return Refused(RefusalCode.BUSY, "The server is busy. Try again in a moment.", retry_after=1)
