"""Statements that each engine spells in its own way."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    RowMapping,
    Table,
    TextClause,
    inspect,
    text,
)
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from app.database import bulk

M = TypeVar("M", bound=SQLModel)


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model. Statements are built on it: the ORM's unit of work costs more than the insert."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    configure_mappers()  # Which the first use of a session would do; `record` uses none.
    return table


def is_retry(connection: Connection) -> bool:
    """Whether an earlier try of the same change may have been committed, its answer lost."""
    return bool(connection.get_execution_options().get("billfolk_retry", False))


def lock_in_turn(connection: Connection, name: str, *, shared: bool = False) -> None:
    """Wait until no other transaction holds the name, until this one ends; `shared` ones hold it together.

    SQLite's writers come one at a time as it is.
    """
    if connection.dialect.name == "postgresql":
        suffix = "_shared" if shared else ""
        lock = text(f"SELECT pg_advisory_xact_lock{suffix}(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": name})


class InsertNew:
    """Inserts the rows that meet no unique constraint, in one statement, and tells which they were.

    A row that is missing from the answer lost to one that is stored: also to one that another
    transaction committed while this statement waited for it. That makes a conflict the outcome of the
    race itself and not of a look before it.
    """

    def __init__(self, table: Table, *returning: Column[Any]) -> None:
        self._table = table
        self._then = f"ON CONFLICT DO NOTHING RETURNING {', '.join(column.name for column in returning)}"
        self._from_json = _from_json(table, self._then)

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
        if not rows:
            return []
        if bulk.fits(connection, rows):
            return bulk.insert_new(connection, self._table, self._then, rows)
        return connection.execute(self._from_json, {"rows": as_json(self._table, rows)}).all()


class InsertAll:
    """Inserts rows that can meet no other, in one statement."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._from_json = _from_json(table)

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if bulk.fits(connection, rows):
            bulk.append(connection, self._table, rows)
        elif rows:
            connection.execute(self._from_json, {"rows": as_json(self._table, rows)})


def _from_json(table: Table, then: str = "") -> TextClause:
    # One parameter for any number of rows: PostgreSQL takes longer to read a thousand rows' placeholders than to
    # store them, and each number of rows would be another statement to prepare.
    names = ", ".join(column.name for column in table.c)
    return text(
        f"INSERT INTO {table.name} ({names}) "  # noqa: S608 - names of our own
        f"SELECT {names} FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json)) {then}"
    )


def as_json(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    names = {column.key: str(column.name) for column in table.c}
    return orjson.dumps([{names[key]: value for key, value in row.items()} for row in rows]).decode()


def columns_of(table: FromClause) -> list[ColumnElement[Any]]:
    """All columns, under the names of the model's attributes."""
    return [column.label(column.key) for column in table.c]


def record(model: type[M], values: Mapping[str, Any] | RowMapping) -> M:
    """An instance that holds what is stored. Nothing is validated again: that costs more than the statement."""
    instance: M = inspect(model).class_manager.new_instance()
    instance.__dict__.update(values)
    return instance
