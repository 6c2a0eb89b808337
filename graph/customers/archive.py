"""archiveCustomer: its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerArchived, CustomerNotFound, VersionConflict
from graph.customers.inputs import By, ExpectedVersion
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="The customer is archived.")
class ArchiveCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


ArchiveCustomerResult = Annotated[
    ArchiveCustomerSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerArchived
    | VersionConflict,
    strawberry.union("ArchiveCustomerResult", description="Every way in which archiveCustomer can end."),
]


@strawberry.mutation(
    description=(
        "Archive a customer: read-only, its external id free for another, its children and providers' ids kept. "
        "Needs the scope `customers:write`."
    )
)
async def archive_customer(
    info: Info,
    by: By,
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> ArchiveCustomerResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.archive(actor, by.asked(), given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return ArchiveCustomerSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
