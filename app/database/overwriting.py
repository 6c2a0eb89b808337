"""Many rows changed at once, each to values of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Table, text

from app.database import bulk
from app.database.statements import as_json


class UpdateAll:
    """Gives stored rows the values of whole rows with their primary keys, in one statement.

    `scope` are the columns of the key that all of the rows share: the statement names their values, so that a table
    that is partitioned by them is touched in one place.
    """

    def __init__(self, table: Table, *scope: str) -> None:
        self._table, self._scope = table, scope
        names = [str(column.name) for column in table.c]
        keys = [str(column.name) for column in table.primary_key]
        sets = ", ".join(f"{name} = new.{name}" for name in names if name not in keys)
        values = ", ".join(f"json_extract(value, '$[{number}]') AS {name}" for number, name in enumerate(names))
        # Not on SQLite: a row of the scope would be looked up first, and held against each of the new ones.
        said = {"postgresql": scope, "sqlite": ()}
        sources = {
            "postgresql": f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))",
            "sqlite": f"(SELECT {values} FROM json_each(:rows))",  # noqa: S608 - names of our own
        }
        self._statements = {
            engine: text(
                f"UPDATE {table.name} SET {sets} FROM {source} AS new WHERE "  # noqa: S608 - as above
                + " AND ".join(
                    f"{table.name}.{key} = {f':{key}' if key in said[engine] else f'new.{key}'}" for key in keys
                )
            )
            for engine, source in sources.items()
        }

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            scope = {name: rows[0][name] for name in self._scope}
            sent = {**scope, "rows": as_json(self._table, rows)}
        else:
            sent = {"rows": orjson.dumps(bulk.records(connection.dialect, self._table, rows)).decode()}
        connection.execute(self._statements[connection.dialect.name], sent)
