"""unlinkIntegration: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import IntegrationProvider
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerArchived, CustomerNotFound, VersionConflict
from graph.customers.inputs import By, ExpectedVersion
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="The customer has no id at the provider.")
class UnlinkIntegrationSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


UnlinkIntegrationResult = Annotated[
    UnlinkIntegrationSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerArchived
    | VersionConflict,
    strawberry.union("UnlinkIntegrationResult", description="Every way in which unlinkIntegration can end."),
]


@strawberry.mutation(
    description=(
        "Take a customer's id at a provider from it. Without one nothing changes. Needs the scope `customers:write`."
    )
)
async def unlink_integration(
    info: Info,
    by: By,
    provider: Annotated[IntegrationProvider, strawberry.argument(description="The provider.")],
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> UnlinkIntegrationResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.unlink(actor, by.asked(), provider, given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return UnlinkIntegrationSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
