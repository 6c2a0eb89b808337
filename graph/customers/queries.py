"""Fetching customers by what identifies them."""

from functools import partial
from typing import Annotated

import strawberry

from app import customers
from app.errors import RefusalCode, Refused
from app.identity import Scope
from graph.context import Info
from graph.customers.inputs import CustomerBy
from graph.customers.types import Customer
from graph.nodes import Node

MOST_NODES = 100


@strawberry.field(description="The customer; null when there is none. Needs the scope `customers:read`.")
async def customer(
    info: Info, by: Annotated[CustomerBy, strawberry.argument(description="Which one.")]
) -> Customer | None:
    actor = info.context.actor.allowed(Scope.READ)
    found = await info.context.database.read(partial(customers.find, actor=actor, by=by.asked()))
    return Customer.of(found) if found else None


@strawberry.field(description="The record with the id; null when there is none. Needs the scope `customers:read`.")
async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A record's id.")]
) -> Node | None:
    info.context.actor.allowed(Scope.READ)
    return await info.context.customers.by_id.load(id)


@strawberry.field(
    description=(
        "The records with the ids, in their order; null for each that does not exist. Needs the scope `customers:read`."
    )
)
async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 records' ids.")]
) -> list[Node | None]:
    info.context.actor.allowed(Scope.READ)
    if len(ids) > MOST_NODES:
        raise Refused(RefusalCode.BAD_USER_INPUT, f"At most {MOST_NODES} ids may be given.", path=["ids"])
    return list(await info.context.customers.by_id.load_many(ids))
