"""Many customers by one statement, of any tenants: for batches, which hold what many callers want stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, literal_column, or_, select

from app.customers.lookup import ALL
from app.customers.models import CustomerStatus
from app.customers.tables import CUSTOMERS, MAPPINGS, Customer
from app.database import record

# Tenant, environment, and a name in it.
Scoped = tuple[str, str, str]
# Tenant, environment, provider, and the provider's id.
Link = tuple[str, str, str, str]
C, M = CUSTOMERS.c, MAPPINGS.c

# SQLite's own name for the index of the primary key.
OF_IDS = "sqlite_autoindex_customers_1"
# Said, and not a parameter: the index of those that are published serves no other statement.
_PUBLISHED: ColumnElement[str] = literal_column(f"'{CustomerStatus.PUBLISHED}'")


def among(wanted: Collection[tuple[str, ...]], *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """That the columns are one of the combinations: by all but the last, which is any of a list.

    Not as rows of values: SQLite reads the whole table to compare those.
    """
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for *leading, last in dict.fromkeys(wanted):
        groups[tuple(leading)].append(last)
    *first, final = columns
    return or_(
        false(),
        *(
            and_(*(column == value for column, value in zip(first, leading, strict=True)), final.in_(names))
            for leading, names in groups.items()
        ),
    )


def stored(connection: Connection, wanted: Collection[Scoped], *, lock: bool = False) -> dict[Scoped, Customer]:
    """Customers by (tenant, environment, id). For a batch, which may serve several tenants. `lock` as of `find`."""
    found = _where(connection, among(wanted, C.tenant_id, C.environment_id, C.id), lock=lock) if wanted else ()
    return {(one.tenant_id, one.environment_id, one.id): one for one in found}


def published(connection: Connection, wanted: Collection[Scoped], *, lock: bool = False) -> dict[Scoped, Customer]:
    """Published customers by (tenant, environment, external id). `lock` as of `find`."""
    # SQLite takes any index that begins with the environment for as good as the one that has the name, and needs to be
    # told; then it wants a statement for each environment.
    environments: dict[object, list[Scoped]] = defaultdict(list)
    for name in wanted:
        environments[connection.dialect.name == "sqlite" and name[:2]].append(name)
    found: dict[Scoped, Customer] = {}
    for together in environments.values():
        named = and_(among(together, C.tenant_id, C.environment_id, C.external_id), C.status == _PUBLISHED)
        for one in _where(connection, named, "uq_customers_external_id", lock=lock):
            found[one.tenant_id, one.environment_id, one.external_id] = one
    return found


def linked(connection: Connection, wanted: Collection[Link]) -> dict[Link, Customer]:
    """Customers of any status by (tenant, environment, provider, provider's id)."""
    if not wanted:
        return {}
    holds = and_(M.tenant_id == C.tenant_id, M.environment_id == C.environment_id, M.customer_id == C.id)
    found = connection.execute(
        select(M.provider, M.provider_id, *ALL)
        .join_from(MAPPINGS, CUSTOMERS, holds)
        .where(among(wanted, M.tenant_id, M.environment_id, M.provider, M.provider_id))
    )
    return {
        (row.tenant_id, row.environment_id, row.provider, row.provider_id): record(Customer, row._mapping)
        for row in found
    }


def _where(
    connection: Connection, condition: ColumnElement[bool], index: str = OF_IDS, *, lock: bool = False
) -> Iterable[Customer]:
    statement = select(*ALL).where(condition).with_hint(CUSTOMERS, f"INDEXED BY {index}", "sqlite")
    # In one order, whoever locks: or two batches could wait for each other.
    for row in connection.execute(statement.order_by(C.id).with_for_update() if lock else statement):
        yield record(Customer, row._mapping)
