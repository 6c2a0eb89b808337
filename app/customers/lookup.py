"""Finding customers by what identifies them. Nothing outside the actor's tenant and environment is ever seen."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, false, literal_column, or_, select

from app import ids
from app.customers.models import CustomerStatus, IntegrationProvider
from app.customers.scope import scope, scoped
from app.customers.tables import CUSTOMERS, MAPPINGS, Customer, StoredMapping
from app.database import columns_of, record
from app.identity import Actor
from app.texts import is_storable

Scoped = tuple[str, str, str]
Link = tuple[str, str, str, str]
C, M = CUSTOMERS.c, MAPPINGS.c
ALL = columns_of(CUSTOMERS)

# SQLite's own name for the index of the primary key.
OF_IDS = "sqlite_autoindex_customers_1"
# Said, and not a parameter: the index of those that are published serves no other statement.
_PUBLISHED: ColumnElement[str] = literal_column(f"'{CustomerStatus.PUBLISHED}'")


@dataclass(frozen=True, slots=True)
class ById:
    id: str


@dataclass(frozen=True, slots=True)
class ByExternalId:
    """The published customer with the external id; archived ones have given theirs up."""

    external_id: str


@dataclass(frozen=True, slots=True)
class ByIntegration:
    provider: IntegrationProvider
    id: str


By = ById | ByExternalId | ByIntegration


def within(table: Table, actor: Actor) -> ColumnElement[bool]:
    """The condition that every statement on behalf of an actor begins with."""
    return and_(table.c.tenant_id == actor.tenant_id, table.c.environment_id == actor.environment_id)


def said(by: By) -> dict[str, str]:
    """The way of naming a customer, as data."""
    return {"kind": type(by).__name__, **asdict(by)}


def get(connection: Connection, actor: Actor, customer_id: str) -> Customer:
    """The customer with an id that was stored."""
    return by_ids(connection, actor, [customer_id])[customer_id]


def find(connection: Connection, actor: Actor, by: By, *, lock: bool = False) -> Customer | None:
    """The customer, or None: also when the id is not one that could be stored.

    `lock` keeps it from any other change until the transaction ends.
    """
    if not _can_exist(by):
        return None
    statement = (_LOCKED if lock else _FOUND)[type(by)]
    row = connection.execute(statement, {**scope(actor), **asdict(by)}).first()
    return record(Customer, row._mapping) if row else None


def _can_exist(by: By) -> bool:
    match by:
        case ById(id):
            return ids.is_well_formed(ids.CUSTOMER, id)
        case ByExternalId(external_id):
            return is_storable(external_id)
        case ByIntegration(_, id):
            return is_storable(id)


# Built once: to build one takes several times as long as to execute it.
_all = select(*ALL).where(scoped(CUSTOMERS))
_linked = select(M.customer_id).where(
    scoped(MAPPINGS), M.provider == bindparam("provider"), M.provider_id == bindparam("id")
)
_FOUND = {
    ById: _all.where(C.id == bindparam("id")),
    ByExternalId: _all.where(C.external_id == bindparam("external_id"), C.status == CustomerStatus.PUBLISHED),
    ByIntegration: _all.where(C.id == _linked.scalar_subquery()),
}
# SQLite has no such clause, and needs none: its writers come one at a time.
_LOCKED = {kind: statement.with_for_update(of=CUSTOMERS) for kind, statement in _FOUND.items()}
_of_ids = _all.where(C.id.in_(bindparam("ids", expanding=True)))
_links = (
    select(MAPPINGS)
    .where(scoped(MAPPINGS), M.customer_id.in_(bindparam("ids", expanding=True)))
    .order_by(M.customer_id, M.provider)
)


def latest_archived(connection: Connection, actor: Actor, external_id: str, *, lock: bool = False) -> Customer | None:
    """Of the archived customers that had the external id, the one that was changed last."""
    if not is_storable(external_id):
        return None
    statement = (
        select(*ALL)
        .where(within(CUSTOMERS, actor), C.external_id == external_id, C.status == CustomerStatus.ARCHIVED)
        .order_by(C.updated_at.desc(), C.id.desc())
        .limit(1)
    )
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return record(Customer, row._mapping) if row else None


def by_ids(connection: Connection, actor: Actor, customer_ids: Collection[str]) -> dict[str, Customer]:
    """Those of the customers that exist, by id. Any number of ids, in any form."""
    good = [id for id in customer_ids if ids.is_well_formed(ids.CUSTOMER, id)]
    rows = connection.execute(_of_ids, {**scope(actor), "ids": good}) if good else ()
    return {row.id: record(Customer, row._mapping) for row in rows}


def integrations_of(
    connection: Connection, actor: Actor, customer_ids: Collection[str]
) -> Mapping[str, Sequence[StoredMapping]]:
    """The links of each customer, by provider."""
    links: dict[str, list[StoredMapping]] = defaultdict(list)
    for row in connection.execute(_links, {**scope(actor), "ids": list(customer_ids)}):
        links[row.customer_id].append(record(StoredMapping, row._mapping))
    return links


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
