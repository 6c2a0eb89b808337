"""customers: the list of them all."""

from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET

from app.customers import listing
from app.identity import Scope
from app.paging import Page, Window
from graph.context import Info
from graph.customers.filters import CustomerFilter, CustomerOrder, asked_filter, asked_order
from graph.customers.types import Customer
from graph.pagination import After, Before, Connection, First, Last, Listing, connected


@strawberry.field(
    description=(
        "Customers, page by page: `first` goes with `after`, `last` with `before`. Newest first, and published ones "
        "only, if nothing else is asked for. Needs the scope `customers:read`."
    )
)
async def customers(
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    filter: Annotated[
        CustomerFilter | None, strawberry.argument(description="Only these; all published ones when left out.")
    ] = UNSET,
    order_by: Annotated[
        CustomerOrder | None, strawberry.argument(description="In this order; newest first when left out.")
    ] = UNSET,
) -> Connection[Customer]:
    actor, database = info.context.actor.allowed(Scope.READ), info.context.database
    wanted, order = asked_filter(filter), asked_order(order_by)

    async def page(window: Window) -> Page[Customer]:
        read = partial(listing.page, actor=actor, window=window, filter=wanted, order=order)
        return (await database.read(read)).map(Customer.of)

    async def count() -> int:
        return await database.read(partial(listing.count, actor=actor, filter=wanted, order=order))

    terms = ("customers", order.field, order.direction, wanted.model_dump(mode="json", exclude_none=True))
    return await connected(
        info, Listing(terms, order.position, order.restored, page, count), first, after, last, before
    )
