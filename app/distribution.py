"""The statements that spread the schema over a Citus cluster, by tenant.

https://docs.citusdata.com/en/stable/develop/api_udf.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Table
from sqlmodel import SQLModel

from app import customers, events, idempotency, identity, secrets  # noqa: F401 - their tables
from app.transfer import tables as _  # noqa: F401 - as well

KEY = "tenant_id"

# A whole copy on every node: keys are looked up before the tenant is known, and environments are referred to by all.
REFERENCES = frozenset({"tenants", "environments", "api_keys", "secrets"})

# It refers to reference tables only, so it can go first. One tenant's rows of all tables are where its customers are.
FIRST = "customers"

# Citus would otherwise take over every table that refers to a new reference table, to keep it on the coordinator.
SETTINGS = ("SET citus.enable_local_reference_table_foreign_keys TO off",)

# NULL where the extension is not.
CATALOGUE = "SELECT to_regclass('pg_dist_partition')::text"

# Tables that stand where they belong. Those that Citus keeps on the coordinator are in its catalogue too, as 'n', 's'.
PLACED = "SELECT logicalrelid::regclass::text FROM pg_dist_partition WHERE partmethod = 'h' OR repmodel = 't'"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a table belongs, and how it comes there."""

    table: str
    statement: str

    @property
    def clean(self) -> str:
        """Citus copies the rows, and leaves the old ones on the coordinator: hidden, but on its disk."""
        return f"SELECT truncate_local_data_after_distributing_table('{self.table}')"

    @property
    def leftover(self) -> str:
        """The bytes of those old rows."""
        return f"SELECT pg_relation_size('{self.table}')"


def is_distributed(table: Table) -> bool:
    return table.name not in REFERENCES and KEY in table.primary_key.columns


def placements() -> Iterator[Placement]:
    """Every table, in an order in which each refers only to those before it."""
    tables = SQLModel.metadata.sorted_tables
    for table in tables:
        if table.name in REFERENCES:
            yield Placement(table.name, f"SELECT create_reference_table('{table.name}')")
    yield _by_tenant(FIRST, "none")
    for table in tables:
        if is_distributed(table) and table.name != FIRST:
            yield _by_tenant(table.name, FIRST)


def _by_tenant(table: str, colocated_with: str) -> Placement:
    return Placement(table, f"SELECT create_distributed_table('{table}', '{KEY}', colocate_with => '{colocated_with}')")


def statements() -> list[str]:
    """All that is to be run on a schema of which nothing is distributed yet."""
    return [*SETTINGS, *(place.statement for place in placements()), *(place.clean for place in placements())]
