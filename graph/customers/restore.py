"""restoreCustomer: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerNotArchived, CustomerNotFound, ExternalIdTaken, VersionConflict
from graph.customers.inputs import By, ExpectedVersion
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="The customer is published again.")
class RestoreCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


RestoreCustomerResult = Annotated[
    RestoreCustomerSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerNotArchived
    | VersionConflict
    | ExternalIdTaken,
    strawberry.union("RestoreCustomerResult", description="Every way in which restoreCustomer can end."),
]


@strawberry.mutation(
    description=(
        "Publish an archived customer again. By `externalId`: of several, the one that was archived last. "
        "Needs the scope `customers:write`."
    )
)
async def restore_customer(
    info: Info,
    by: By,
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> RestoreCustomerResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.restore(actor, by.asked(), given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return RestoreCustomerSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
