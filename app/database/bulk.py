"""Thousands of rows at once: by COPY on PostgreSQL, by one prepared statement on SQLite."""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.util import await_only

from app.database.types import Json

Rows = Sequence[Mapping[str, Any]]

# As many as no caller of the API can send in one call: what those are stored by stays as it is.
MANY = 1001


def append(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that can't meet any other."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, table.name, rows)
    else:
        connection.execute(table.insert(), rows)


def insert_new(
    connection: Connection, table: Table, returning: Sequence[Column[Any]], rows: Rows
) -> Sequence[Any] | None:
    """As `InsertNew`, of which this is the inside for many rows; None where they meet others, on SQLite."""
    if connection.dialect.name == "postgresql":
        return _staged(connection, table, returning, rows)
    answer = namedtuple("answer", [column.key for column in returning])  # type: ignore[misc]
    statement = sqlite.insert(table).on_conflict_do_nothing()
    with connection.begin_nested() as savepoint:
        if connection.execute(statement, rows).rowcount != len(rows):
            # It does not tell which it left out.
            savepoint.rollback()
            return None
    return [answer(*(row[column.key] for column in returning)) for row in rows]


def _staged(connection: Connection, table: Table, returning: Sequence[Column[Any]], rows: Rows) -> Sequence[Any]:
    staging = f"new_{table.name}"
    connection.execute(text(f"CREATE TEMPORARY TABLE {staging} (LIKE {table.name}) ON COMMIT DROP"))
    _copy(connection, table, staging, rows)
    names = ", ".join(column.name for column in returning)
    stored = connection.execute(
        text(f"INSERT INTO {table.name} SELECT * FROM {staging} ON CONFLICT DO NOTHING RETURNING {names}")  # noqa: S608
    ).all()
    connection.execute(text(f"DROP TABLE {staging}"))
    return stored


def _copy(connection: Connection, table: Table, target: str, rows: Rows) -> None:
    driver = connection.connection.driver_connection
    assert driver  # noqa: S101 - the connection is open
    columns = list(table.c)
    documents = [isinstance(column.type, Json) for column in columns]
    keys = [column.key for column in columns]
    records = [
        [
            orjson.dumps(row[key]).decode() if is_json and row[key] is not None else row[key]
            for key, is_json in zip(keys, documents, strict=True)
        ]
        for row in rows
    ]
    copied = driver.copy_records_to_table(target, records=records, columns=[column.name for column in columns])
    await_only(copied)
