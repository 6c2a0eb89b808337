"""What PostgreSQL plans by, of tables that grow faster than it looks. Without, it checks foreign keys slowly."""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Statistics:
    """A look at the tables, where the engine needs one."""

    def apply(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE customers, integration_mappings, import_rows"))
