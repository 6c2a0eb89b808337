"""How far an import has come, kept beside what it stored: one transaction moves both, so a kill can't part them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Integer
from sqlmodel import Field, SQLModel

from app.database import Json, Text, Timestamp, table_of


class Import(SQLModel, table=True):
    """An import that has begun and not ended. `id` is a digest of the file and of what was asked of it."""

    __tablename__ = "imports"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    # The rows of the file that are dealt with, in its order.
    position: int = Field(sa_type=Integer)
    counts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    begun_at: datetime = Field(sa_type=Timestamp)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name="fk_imports_environment",
        ),
        {"sqlite_strict": True},
    )


class ImportRow(SQLModel, table=True):
    """A row that waits for its parent, or with `problems` one that is refused. `row` is JSON of it as it was read."""

    __tablename__ = "import_rows"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    import_id: str = Field(primary_key=True, sa_type=Text)
    line: int = Field(primary_key=True, sa_type=Integer)
    row: str = Field(sa_type=Text)
    parent_id: str | None = Field(default=None, sa_type=Text)
    parent_external_id: str | None = Field(default=None, sa_type=Text)
    problems: str | None = Field(default=None, sa_type=Text)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "environment_id", "import_id"],
            ["imports.tenant_id", "imports.environment_id", "imports.id"],
            name="fk_import_rows_import",
        ),
        {"sqlite_strict": True},
    )


IMPORTS, ROWS = table_of(Import), table_of(ImportRow)
