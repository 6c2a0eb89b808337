"""Many rows at once: by COPY on PostgreSQL, by statements of hundreds of rows on SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Dialect, Row, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

from app.database.types import Json, Timestamp

Rows = Sequence[Mapping[str, Any]]

# As many as no caller of the API can send in one call: what those are stored by on PostgreSQL stays as it is.
MANY = 1001

# Rows of a statement on SQLite, which brings its full-text index up to date once for each: that costs more than to
# store a row. Only these numbers, so that a statement is prepared once for all of its uses.
AT_ONCE = (500, 50, 5, 1)


def fits(connection: Connection, rows: Rows) -> bool:
    """Whether the rows are so many that they are stored from here."""
    return len(rows) >= (MANY if connection.dialect.name == "postgresql" else 2)


def append(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that can't meet any other."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, table.name, rows)
        return
    for statement, values in _statements(connection.dialect, table, rows):
        connection.exec_driver_sql(statement, values)


def insert_new(
    connection: Connection, table: Table, returning: Sequence[Column[Any]], rows: Rows
) -> Sequence[Row[Any]]:
    """As `InsertNew`, of which this is the inside for many rows."""
    then = f"ON CONFLICT DO NOTHING RETURNING {', '.join(column.name for column in returning)}"
    if connection.dialect.name == "postgresql":
        return _staged(connection, table, then, rows)
    return [
        stored
        for statement, values in _statements(connection.dialect, table, rows, then)
        for stored in connection.exec_driver_sql(statement, values)
    ]


def _statements(dialect: Dialect, table: Table, rows: Rows, then: str = "") -> Iterator[tuple[str, tuple[Any, ...]]]:
    names, places = ", ".join(column.name for column in table.c), ", ".join("?" * len(table.c))
    bound = records(dialect, table, rows)
    start = 0
    for size in AT_ONCE:
        statement = f"INSERT INTO {table.name} ({names}) VALUES {', '.join([f'({places})'] * size)} {then}"  # noqa: S608 - names of our own
        while start + size <= len(bound):
            yield statement, tuple(chain.from_iterable(bound[start : start + size]))
            start += size


def _staged(connection: Connection, table: Table, then: str, rows: Rows) -> Sequence[Row[Any]]:
    staging = f"new_{table.name}"
    connection.execute(text(f"CREATE TEMPORARY TABLE {staging} (LIKE {table.name}) ON COMMIT DROP"))
    _copy(connection, table, staging, rows)
    stored = connection.execute(text(f"INSERT INTO {table.name} SELECT * FROM {staging} {then}")).all()  # noqa: S608
    connection.execute(text(f"DROP TABLE {staging}"))
    return stored


def _copy(connection: Connection, table: Table, target: str, rows: Rows) -> None:
    driver = connection.connection.driver_connection
    assert driver  # noqa: S101 - the connection is open
    bound = records(connection.dialect, table, rows)
    copied = driver.copy_records_to_table(target, records=bound, columns=[column.name for column in table.c])
    try:
        await_only(copied)
    except OSError:  # Also a timeout: told apart by its own type.
        raise
    except Exception as error:
        # The driver's own, as SQLAlchemy would have told it of a statement.
        raise DBAPIError("COPY", None, error, connection_invalidated=driver.is_closed()) from error


def records(dialect: Dialect, table: Table, rows: Rows) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, a column at a time: SQLAlchemy would look at each value's type again."""
    return list(zip(*(_values(dialect, column, rows) for column in table.c), strict=True))


def _values(dialect: Dialect, column: Column[Any], rows: Rows) -> list[Any]:
    key = column.key
    if isinstance(column.type, Json):
        return [_document(row[key]) for row in rows]
    if isinstance(timestamp := column.type, Timestamp):
        # Those of a batch are mostly one and the same.
        bound = lru_cache(16)(lambda instant: timestamp.process_bind_param(instant, dialect))
        return [bound(row[key]) for row in rows]
    return [row[key] for row in rows]


def _document(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
