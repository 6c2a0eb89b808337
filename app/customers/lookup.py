"""Finding customers by what identifies them. Nothing outside the actor's tenant and environment is ever seen."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, select

from app import ids
from app.customers.models import CustomerStatus, IntegrationProvider
from app.customers.scope import scope, scoped
from app.customers.tables import CUSTOMERS, MAPPINGS, Customer, StoredMapping
from app.database import columns_of, record
from app.identity import Actor
from app.texts import is_storable

C, M = CUSTOMERS.c, MAPPINGS.c
ALL = columns_of(CUSTOMERS)


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
