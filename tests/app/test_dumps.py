"""The comparison of schemas itself: it would notice what a migration forgot."""

from collections.abc import Callable

import pytest
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, MetaData, Table, Text, text
from sqlmodel import SQLModel

from app.customers import searchable
from tests.app.conftest import Empty
from tests.app.dumps import made_from

pytestmark = pytest.mark.anyio


def copy() -> MetaData:
    metadata = MetaData()
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(metadata)
    searchable.attach(customers(metadata))  # which SQLAlchemy does not copy
    return metadata


def customers(metadata: MetaData) -> Table:
    return metadata.tables["customers"]


def drop_a_check(metadata: MetaData) -> None:
    [check] = [c for c in customers(metadata).constraints if c.name == "ck_customers_version"]
    assert isinstance(check, CheckConstraint)
    customers(metadata).constraints.remove(check)


def alter_a_check(metadata: MetaData) -> None:
    drop_a_check(metadata)
    customers(metadata).append_constraint(CheckConstraint("version >= 0", name="ck_customers_version"))


def drop_a_foreign_key(metadata: MetaData) -> None:
    [key] = [c for c in customers(metadata).constraints if c.name == "fk_customers_parent"]
    assert isinstance(key, ForeignKeyConstraint)
    customers(metadata).constraints.remove(key)


def alter_a_predicate(metadata: MetaData) -> None:
    [index] = [i for i in customers(metadata).indexes if i.name == "uq_customers_external_id"]
    for engine in ("sqlite", "postgresql"):
        index.dialect_options[engine]["where"] = text("status <> 'DELETED'")


def add_an_index(metadata: MetaData) -> None:
    Index("ix_customers_name", customers(metadata).c.name)


def add_a_column(metadata: MetaData) -> None:
    customers(metadata).append_column(Column("colour", Text))


def allow_null(metadata: MetaData) -> None:
    customers(metadata).c.timezone.nullable = True


def add_a_default(metadata: MetaData) -> None:
    customers(metadata).c.timezone.server_default = Column(server_default="UTC").server_default


def alter_a_collation(metadata: MetaData) -> None:
    customers(metadata).c.name.type = Text(collation="NOCASE").with_variant(Text(collation="POSIX"), "postgresql")


async def test_an_unaltered_copy_of_the_models_makes_the_same_dump(empty: Empty) -> None:
    assert await made_from(copy(), await empty()) == await made_from(SQLModel.metadata, await empty())


@pytest.mark.parametrize(
    "alter",
    [
        drop_a_check,
        alter_a_check,
        drop_a_foreign_key,
        alter_a_predicate,
        add_an_index,
        add_a_column,
        allow_null,
        add_a_default,
        alter_a_collation,
    ],
)
async def test_the_comparison_would_notice(empty: Empty, alter: Callable[[MetaData], None]) -> None:
    altered = copy()
    alter(altered)

    assert await made_from(altered, await empty()) != await made_from(SQLModel.metadata, await empty())
