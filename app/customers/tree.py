"""Walking the trees of customers, for many of them by one statement."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
)

from app.customers.hierarchy import DEEPEST_LEVEL
from app.customers.listing.conditions import of_status
from app.customers.listing.orders import NEWEST_FIRST
from app.customers.lookup import ALL
from app.customers.models import CustomerStatus
from app.customers.scope import scope, scoped
from app.customers.tables import CUSTOMERS, Customer
from app.database import record
from app.database.grouped import first_of_each
from app.identity import Actor
from app.paging import Keyset, Page, Window

C = CUSTOMERS.c
PUBLISHED = CustomerStatus.PUBLISHED


_ids: BindParameter[str] = bindparam("ids", expanding=True)


def children_of(
    connection: Connection, actor: Actor, customer_ids: Collection[str], window: Window
) -> Mapping[str, Page[Customer]]:
    """The published children of each, newest first, as far as the window shows them."""
    keyset = NEWEST_FIRST.keyset(window)
    parameters = {**scope(actor), **window.parameters(), "groups": list(customer_ids)}
    children: dict[str, list[Customer]] = {id: [] for id in customer_ids}
    for row in connection.execute(_children(connection.dialect.name, keyset), parameters):
        children[row.parent_customer_id].append(record(Customer, row._mapping))
    return {
        id: Page.of(sorted(found, key=NEWEST_FIRST.position, reverse=keyset.descending), window)
        for id, found in children.items()
    }


@lru_cache(64)
def _children(engine: str, keyset: Keyset) -> Select[Any]:
    def first(table: FromClause, parent: ColumnElement[Any]) -> Select[Any]:
        of_alias = keyset.on(table)
        below = and_(table.c.parent_customer_id == parent, of_status(PUBLISHED, table))
        rows = select(table.c.id).where(scoped(table), below, *of_alias.beyond)
        return rows.order_by(*of_alias.order).limit(bindparam("size"))

    return first_of_each(engine, CUSTOMERS, first, scoped, C.id)


def count_children(connection: Connection, actor: Actor, customer_ids: Collection[str]) -> Mapping[str, int]:
    """How many published children each has."""
    found = connection.execute(_counted, {**scope(actor), "ids": list(customer_ids)})
    return {**dict.fromkeys(customer_ids, 0), **dict(map(tuple, found))}


_counted = (
    select(C.parent_customer_id, func.count())
    .where(scoped(CUSTOMERS), C.parent_customer_id.in_(_ids), of_status(PUBLISHED))
    .group_by(C.parent_customer_id)
)


def ancestors_of(
    connection: Connection, actor: Actor, customer_ids: Collection[str]
) -> Mapping[str, Sequence[Customer]]:
    """Whoever is above each, in any status, the parent first and the root last."""
    line: dict[str, list[Customer]] = defaultdict(list)
    for row in connection.execute(_ancestors, {**scope(actor), "ids": list(customer_ids)}):
        line[row.start].append(record(Customer, row._mapping))
    return line


def count_descendants(connection: Connection, actor: Actor, customer_ids: Collection[str]) -> Mapping[str, int]:
    """How many published customers are below each, on all levels; also those below one that is not published."""
    found = connection.execute(_descendants, {**scope(actor), "ids": list(customer_ids)})
    return {**dict.fromkeys(customer_ids, 0), **dict(map(tuple, found))}


def _recursive(beginning: Select[Any], step: Callable[[FromClause, FromClause], Select[Any]]) -> FromClause:
    line = beginning.cte("line", recursive=True)
    next_ = CUSTOMERS.alias("next")
    # No cycle can be stored; should one be, this ends all the same.
    return line.union_all(step(line, next_).where(scoped(next_), line.c.level <= DEEPEST_LEVEL))


_up = _recursive(
    select(C.id.label("start"), C.parent_customer_id.label("id"), literal(1).label("level")).where(
        scoped(CUSTOMERS), C.id.in_(_ids)
    ),
    lambda line, above: select(line.c.start, above.c.parent_customer_id, line.c.level + 1).where(
        above.c.id == line.c.id
    ),
)
_ancestors = (
    select(_up.c.start, *ALL).join_from(_up, CUSTOMERS, and_(scoped(CUSTOMERS), C.id == _up.c.id)).order_by(_up.c.level)
)

_down = _recursive(
    select(C.parent_customer_id.label("start"), C.id, C.status, literal(1).label("level")).where(
        scoped(CUSTOMERS), C.parent_customer_id.in_(_ids)
    ),
    lambda line, below: select(line.c.start, below.c.id, below.c.status, line.c.level + 1).where(
        below.c.parent_customer_id == line.c.id
    ),
)
_descendants = select(_down.c.start, func.count()).where(_down.c.status == PUBLISHED.value).group_by(_down.c.start)
