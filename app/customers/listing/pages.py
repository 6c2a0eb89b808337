"""A page of customers, and how many there are.

A list with other conditions than its order's index can tell is read in three steps, because no database knows
beforehand whether few or many meet them. What is common is met soon in the order of the list; what is rare is found by
an index of its own, and put in order here; what is neither is met in the order of the list after a while.
"""

from typing import Any

from sqlalchemy import Connection, Select

from app.customers.listing import search, statements
from app.customers.listing.conditions import PINNED, asked
from app.customers.listing.filters import CustomerFilter
from app.customers.listing.orders import NEWEST_FIRST, CustomerOrder
from app.customers.listing.statements import Shape
from app.customers.scope import scope
from app.customers.tables import Customer
from app.database import record
from app.identity import Actor
from app.paging import Keyset, Page, Window

# How far a list is read in its order in the hope that what is looked for is common.
SAMPLE = 2000
# How many customers are found without regard to the order in the hope that what is looked for is rare.
FEW = 1000
# How many customers tell which piece of a search is rare.
SOME = 500


def page(
    connection: Connection,
    actor: Actor,
    window: Window,
    filter: CustomerFilter | None = None,
    order: CustomerOrder = NEWEST_FIRST,
) -> Page[Customer]:
    """The customers that meet the filter, in the order, as far as the window shows them."""
    shape, parameters = _question(connection, actor, filter, order)
    if not shape.statuses:
        return Page([], more=False)
    keyset = order.keyset(window)
    parameters |= window.parameters()

    def read(statement: Select[Any], **more: Any) -> list[Customer]:
        return [record(Customer, row._mapping) for row in connection.execute(statement, {**parameters, **more})]

    if not shape.others:
        return Page.of(read(statements.in_order(shape, keyset)), window)
    if not shape.others & PINNED:
        near = read(statements.sampled(shape, keyset))
        if len(near) > window.size:
            return Page.of(near, window)
    places = _places(connection, shape, keyset, parameters)
    if len(places) > FEW:
        return Page.of(read(statements.in_order(shape, keyset)), window)
    first = sorted(places, reverse=keyset.descending)[: window.size + 1]
    found = read(statements.of_ids(shape), ids=[id for _, id in first]) if first else []
    return Page.of(sorted(found, key=order.position, reverse=keyset.descending), window)


def count(
    connection: Connection, actor: Actor, filter: CustomerFilter | None = None, order: CustomerOrder = NEWEST_FIRST
) -> int:
    """How many customers meet the filter."""
    shape, parameters = _question(connection, actor, filter, order)
    if not shape.statuses:
        return 0
    if shape.others:
        places = _places(connection, shape, order.keyset(Window(0)), parameters)
        if len(places) <= FEW:
            return len(places)
    return int(connection.execute(statements.counted(shape), parameters).scalar_one())


def _places(connection: Connection, shape: Shape, keyset: Keyset, parameters: dict[str, Any]) -> list[tuple[Any, str]]:
    """Where up to `FEW` and one customers are who meet all conditions."""
    large = False
    if shape.is_searched and shape.engine == "postgresql":
        large = (connection.execute(search.SHARE, parameters).scalar() or 0) >= search.LARGE
    if "search" in shape.searches and shape.is_searched and (pieces := search.pieces(parameters["search"])):
        texts = connection.execute(statements.texts(shape, keyset), parameters).scalars().all()
        parameters |= search.indexed_by(search.rarest(pieces, texts))
    return [(key, id) for key, id in connection.execute(statements.anywhere(shape, keyset, large=large), parameters)]


def _question(
    connection: Connection, actor: Actor, filter: CustomerFilter | None, order: CustomerOrder
) -> tuple[Shape, dict[str, Any]]:
    filter = filter or CustomerFilter()
    names, parameters = asked(filter)
    direct = frozenset(name for name in names if name.startswith(f"{order.column.key}_"))
    shape = Shape(connection.dialect.name, tuple(filter.statuses), direct, names - direct)
    return shape, {**scope(actor), **parameters, "sample": SAMPLE, "few": FEW + 1, "some": SOME}
