"""eraseCustomer: its receipt, its outcomes, the mutation."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerNotFound, VersionConflict
from graph.customers.inputs import By, ExpectedVersion
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors, wire
from graph.inputs import IdempotencyKey, given


@strawberry.type(description="What an erasure did, for whoever must prove it.")
class ErasureReceipt:
    customer_id: strawberry.ID = strawberry.field(description="The customer's id, which stays.")
    erased_at: datetime = strawberry.field(description="When it was done.")
    erased_by: str = strawberry.field(description="The id of the actor who did it.")
    fields: list[str] = strawberry.field(description="The fields that held a value and were emptied.")
    redacted_events: int = strawberry.field(description="The events of the customer's past that were emptied too.")

    @classmethod
    def of(cls, receipt: customers.Receipt) -> Self:
        return cls(
            customer_id=strawberry.ID(receipt.customer_id),
            erased_at=receipt.erased_at,
            erased_by=receipt.erased_by,
            fields=wire(receipt.fields),
            redacted_events=receipt.redacted_events,
        )


@strawberry.type(description="Every personal value of the customer is gone.")
class EraseCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")
    receipt: ErasureReceipt = strawberry.field(description="What was done.")


EraseCustomerResult = Annotated[
    EraseCustomerSuccess | ValidationErrors | IdempotencyConflict | CustomerNotFound | VersionConflict,
    strawberry.union("EraseCustomerResult", description="Every way in which eraseCustomer can end."),
]


@strawberry.mutation(
    description=(
        "Remove every personal value from a customer and its history, for good. Its id, times and links stay. "
        "Needs the scope `admin`."
    )
)
async def erase_customer(
    info: Info,
    by: By,
    confirm_external_id: Annotated[
        str, strawberry.argument(description="The customer's external id, to show that this one is meant.")
    ],
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> EraseCustomerResult | None:
    actor = info.context.actor.allowed(Scope.ADMIN)
    change = customers.erase(actor, by.asked(), confirm_external_id, given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return EraseCustomerSuccess(
        customer=Customer.of(changed.customer), replayed=changed.replayed, receipt=ErasureReceipt.of(changed.receipt)
    )
