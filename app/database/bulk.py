"""Many rows at once: by COPY on PostgreSQL, by statements of hundreds of rows on SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat
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
# store a row. Not any number, or there would be as many statements to prepare and to keep; but what is left is one.
AT_ONCE = (500, 64)


def fits(connection: Connection, rows: Rows) -> bool:
    """Whether the rows are stored from here: all on SQLite, and on PostgreSQL those that are many."""
    return connection.dialect.name == "sqlite" or len(rows) >= MANY


def append(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that can't meet any other."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, table.name, rows)
        return
    for statement, values in _statements(connection.dialect, table, rows):
        connection.exec_driver_sql(statement, values)


def insert_new(connection: Connection, table: Table, then: str, rows: Rows) -> Sequence[Row[Any]]:
    """As `InsertNew`, of which this is the inside."""
    if connection.dialect.name == "postgresql":
        return _staged(connection, table, then, rows)
    return [
        stored
        for statement, values in _statements(connection.dialect, table, rows, then)
        for stored in connection.exec_driver_sql(statement, values)
    ]


def _statements(dialect: Dialect, table: Table, rows: Rows, then: str = "") -> Iterator[tuple[str, tuple[Any, ...]]]:
    bound = records(dialect, table, rows)
    start = 0
    for size in _sizes(len(bound)):
        yield _insert(table, size, then), tuple(chain.from_iterable(bound[start : start + size]))
        start += size


def _sizes(count: int) -> Iterator[int]:
    for most in AT_ONCE:
        yield from repeat(most, count // most)
        count %= most
    if count:
        yield count


@lru_cache(512)
def _insert(table: Table, rows: int, then: str) -> str:
    names, places = ", ".join(column.name for column in table.c), ", ".join("?" * len(table.c))
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([f'({places})'] * rows)} {then}"  # noqa: S608 - names of our own


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
        return [_document(row.get(key)) for row in rows]
    if isinstance(timestamp := column.type, Timestamp):
        # Those of a batch are mostly one and the same.
        bound = lru_cache(16)(lambda instant: timestamp.process_bind_param(instant, dialect))
        return [bound(row.get(key)) for row in rows]
    return [row.get(key) for row in rows]


def _document(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
