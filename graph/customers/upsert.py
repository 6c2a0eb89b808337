"""upsertCustomer: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import UpsertOutcome
from app.identity import Scope
from graph.context import Info
from graph.customers.create import CreateCustomerInput
from graph.customers.errors import (
    CustomerNotFound,
    HierarchyConflict,
    IntegrationTaken,
    ParentNotFound,
    VersionConflict,
)
from graph.customers.inputs import ExpectedVersion
from graph.customers.types import Customer
from graph.enums import described
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given

described(
    UpsertOutcome,
    "What upsertCustomer found to do.",
    CREATED="There was no such customer: now there is.",
    UPDATED="There was one, and something about it was different.",
    UNCHANGED="There was one, and all that was sent was so already. Its version stays.",
)


@strawberry.type(description="The customer is as it was sent.")
class UpsertCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    outcome: UpsertOutcome = strawberry.field(description="What there was to do.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


UpsertCustomerResult = Annotated[
    UpsertCustomerSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | VersionConflict
    | ParentNotFound
    | HierarchyConflict
    | IntegrationTaken,
    strawberry.union("UpsertCustomerResult", description="Every way in which upsertCustomer can end."),
]


@strawberry.mutation(
    description=(
        "Create the customer with the external id, or update it: an absent field keeps what it holds, null clears it, "
        "and given integrations replace the present ones. CustomerNotFound only when a version was expected of a "
        "customer that does not exist. Needs the scope `customers:write`."
    )
)
async def upsert_customer(
    info: Info,
    input: Annotated[CreateCustomerInput, strawberry.argument(description="The customer.")],
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> UpsertCustomerResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.upsert(actor, given(input), given(idempotency_key), given(expected_version))
    upserted = await info.context.database.write(change)
    return UpsertCustomerSuccess(
        customer=Customer.of(upserted.customer), outcome=upserted.outcome, replayed=upserted.replayed
    )
