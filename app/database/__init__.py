"""Engines, transactions, and all that differs between SQLite and PostgreSQL."""

from app.database.boundary import Database
from app.database.changes import Change, Mergeable, Outcome
from app.database.engine import Options
from app.database.overwriting import UpdateAll
from app.database.statements import InsertAll, InsertNew, columns_of, is_retry, lock_in_turn, record, table_of
from app.database.types import Json, Text, Timestamp

__all__ = [
    "Change",
    "Database",
    "InsertAll",
    "InsertNew",
    "Json",
    "Mergeable",
    "Options",
    "Outcome",
    "Text",
    "Timestamp",
    "UpdateAll",
    "columns_of",
    "is_retry",
    "lock_in_turn",
    "record",
    "table_of",
]
