"""Operations on tables that are in use: what a migration says in place of Alembic's own.

A migration that calls one of these does nothing else: what came before it is committed, and stays when it fails.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from alembic import op
from sqlalchemy import ColumnElement, TextClause, text
from sqlalchemy.exc import DBAPIError

# Nearly every ALTER TABLE waits for whoever has touched the table in a transaction that is still open, and all who
# come later, readers too, queue behind the one that waits: so it gives up before they notice. Once it has its lock,
# everybody waits until it commits: so a statement that would take long (a rewrite of the table, a check of all its
# rows) fails instead.
TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '30s'")
# A concurrent build waits for the end of all older transactions, and blocks nobody meanwhile.
NO_TIMEOUTS = ("SET lock_timeout = 0", "SET statement_timeout = 0")


def create_index(
    name: str, table: str, columns: Sequence[str | TextClause | ColumnElement[Any]], **options: Any
) -> None:
    """Build an index without holding up writers: `CREATE INDEX CONCURRENTLY` on PostgreSQL.

    A build that was interrupted leaves an INVALID index, which slows every write and, when unique, refuses some, but
    serves no query: it is removed, at once where possible, and else when the migration is run again.
    """
    if not _on_postgresql():
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        _set(NO_TIMEOUTS)
        if op.get_context().as_sql or _is_invalid(name):
            _drop(name, table)
        try:
            op.create_index(name, table, columns, if_not_exists=True, postgresql_concurrently=True, **options)
        except DBAPIError as error:
            if not error.connection_invalidated:
                with suppress(DBAPIError):
                    _drop(name, table)
            raise
        _set(TIMEOUTS)


def drop_index(name: str, table: str) -> None:
    """Drop an index without waiting, lock in hand, for those who use it."""
    if not _on_postgresql():
        op.drop_index(name, table)
        return
    with op.get_context().autocommit_block():
        _set(NO_TIMEOUTS)
        _drop(name, table)
        _set(TIMEOUTS)


def _on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _set(timeouts: Sequence[str]) -> None:
    for statement in timeouts:
        op.execute(statement)


def _drop(name: str, table: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def _is_invalid(name: str) -> bool:
    found = text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(:name))")
    return bool(op.get_bind().scalar(found, {"name": name}))
