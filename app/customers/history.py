"""What happened to customers, newest first, for many of them by one statement."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, func, select

from app.customers.scope import scope, scoped
from app.database import record
from app.database.grouped import first_of_each
from app.events import EVENTS, Event
from app.identity import Actor
from app.paging import Keyset, Page, Position, Window

E = EVENTS.c


def position(event: Event) -> Position:
    """By the version that it made, and not by its time: clocks differ."""
    return (event.customer_version, event.id)


def events_of(
    connection: Connection, actor: Actor, customer_ids: Collection[str], window: Window
) -> Mapping[str, Page[Event]]:
    """The events of each, newest first, as far as the window shows them."""
    keyset = Keyset.of(E.customer_version, E.id, descending=True, window=window)
    parameters = {**scope(actor), **window.parameters(), "groups": list(customer_ids)}
    events: dict[str, list[Event]] = {id: [] for id in customer_ids}
    for row in connection.execute(_events(connection.dialect.name, keyset), parameters):
        events[row.customer_id].append(record(Event, row._mapping))
    return {id: Page.of(sorted(found, key=position, reverse=keyset.descending), window) for id, found in events.items()}


@lru_cache(64)
def _events(engine: str, keyset: Keyset) -> Select[Any]:
    def first(table: FromClause, customer: ColumnElement[Any]) -> Select[Any]:
        of_alias = keyset.on(table)
        rows = select(table.c.id).where(scoped(table), table.c.customer_id == customer, *of_alias.beyond)
        return rows.order_by(*of_alias.order).limit(bindparam("size"))

    return first_of_each(engine, EVENTS, first, scoped, E.id)


def count_events(connection: Connection, actor: Actor, customer_ids: Collection[str]) -> Mapping[str, int]:
    found = connection.execute(_counted, {**scope(actor), "ids": list(customer_ids)})
    return {**dict.fromkeys(customer_ids, 0), **dict(map(tuple, found))}


_counted = (
    select(E.customer_id, func.count())
    .where(scoped(EVENTS), E.customer_id.in_(bindparam("ids", expanding=True)))
    .group_by(E.customer_id)
)
