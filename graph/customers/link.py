"""linkIntegration: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerArchived, CustomerNotFound, IntegrationTaken, VersionConflict
from graph.customers.inputs import By, ExpectedVersion, IntegrationEntityMappingInput
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="The customer is linked.")
class LinkIntegrationSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


LinkIntegrationResult = Annotated[
    LinkIntegrationSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerArchived
    | VersionConflict
    | IntegrationTaken,
    strawberry.union("LinkIntegrationResult", description="Every way in which linkIntegration can end."),
]


@strawberry.mutation(
    description=(
        "Link a customer to its id at a provider. Linking the same again changes nothing; another id must be "
        "unlinked first. Needs the scope `customers:write`."
    )
)
async def link_integration(
    info: Info,
    by: By,
    mapping: Annotated[
        IntegrationEntityMappingInput, strawberry.argument(description="What the provider calls the customer.")
    ],
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> LinkIntegrationResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.link(actor, by.asked(), given(mapping), given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return LinkIntegrationSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
