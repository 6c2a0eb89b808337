"""Fetching customers by what identifies them."""

from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import IntegrationProvider
from app.errors import RefusalCode, Refused
from app.identity import Scope
from graph.context import Info
from graph.customers.types import Customer
from graph.nodes import Node

MOST_NODES = 100


@strawberry.input(description="A provider's own id of a customer.")
class IntegrationBy:
    provider: IntegrationProvider = strawberry.field(description="The provider.")
    id: str = strawberry.field(description="What the provider calls the customer.")


@strawberry.input(one_of=True, description="Which customer: exactly one of its ids.")
class CustomerBy:
    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Billfolk's id, of a customer in any status."
    )
    external_id: str | None = strawberry.field(default=UNSET, description="Your own id, of a published customer.")
    integration: IntegrationBy | None = strawberry.field(
        default=UNSET, description="A provider's id, of a customer in any status."
    )

    def asked(self) -> customers.By:
        if self.id:
            return customers.ById(self.id)
        if self.integration:
            return customers.ByIntegration(self.integration.provider, self.integration.id)
        return customers.ByExternalId(self.external_id or "")


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
    description="The records with the ids, in their order; null for each that does not exist. Needs `customers:read`."
)
async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 records' ids.")]
) -> list[Node | None]:
    info.context.actor.allowed(Scope.READ)
    if len(ids) > MOST_NODES:
        raise Refused(RefusalCode.BAD_USER_INPUT, f"At most {MOST_NODES} ids may be given.", path=["ids"])
    return list(await info.context.customers.by_id.load_many(ids))
