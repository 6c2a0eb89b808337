"""setCustomerParent: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import (
    CustomerArchived,
    CustomerNotFound,
    HierarchyConflict,
    ParentNotFound,
    VersionConflict,
)
from graph.customers.inputs import By, ExpectedVersion, ParentExternalId, ParentId
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="The customer is below that parent, or a root.")
class SetCustomerParentSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


SetCustomerParentResult = Annotated[
    SetCustomerParentSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerArchived
    | VersionConflict
    | ParentNotFound
    | HierarchyConflict,
    strawberry.union("SetCustomerParentResult", description="Every way in which setCustomerParent can end."),
]


@strawberry.mutation(
    description=(
        "Put a customer below another, or with no parent given make it a root. Needs the scope `customers:write`."
    )
)
async def set_customer_parent(
    info: Info,
    by: By,
    parent_customer_id: ParentId = UNSET,
    parent_customer_external_id: ParentExternalId = UNSET,
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> SetCustomerParentResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.move(
        actor,
        by.asked(),
        {
            "parent_customer_id": given(parent_customer_id),
            "parent_customer_external_id": given(parent_customer_external_id),
        },
        given(idempotency_key),
        given(expected_version),
    )
    changed = await info.context.database.write(change)
    return SetCustomerParentSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
