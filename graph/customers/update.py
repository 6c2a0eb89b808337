"""updateCustomer: its patch, its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import CustomerArchived, CustomerNotFound, ExternalIdTaken, VersionConflict
from graph.customers.inputs import By, ExpectedVersion
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given
from graph.scalars import Metadata, MetadataPatch


@strawberry.input(description="What is to change: an absent field keeps what it holds, null clears it.")
class CustomerPatch:
    external_id: str | None = strawberry.field(
        default=UNSET, description="1 to 255 characters, kept as sent, unique among the published; can't be cleared."
    )
    name: str | None = strawberry.field(default=UNSET, description="At most 255 characters.")
    email: str | None = strawberry.field(default=UNSET, description="At most 254 characters: `ada@example.com`.")
    contact: str | None = strawberry.field(default=UNSET, description="A telephone number, say; at most 20 characters.")
    address_line1: str | None = strawberry.field(default=UNSET, description="Street, number; at most 255 characters.")
    address_line2: str | None = strawberry.field(default=UNSET, description="Building, floor; at most 255 characters.")
    address_city: str | None = strawberry.field(default=UNSET, description="City or town; at most 100 characters.")
    address_state: str | None = strawberry.field(default=UNSET, description="State or region; at most 100 characters.")
    address_postal_code: str | None = strawberry.field(default=UNSET, description="At most 20 characters.")
    address_country: str | None = strawberry.field(default=UNSET, description="ISO 3166-1 alpha-2, any case: `DE`.")
    timezone: str | None = strawberry.field(default=UNSET, description="IANA name: `Europe/Berlin`. null is `UTC`.")
    metadata: Metadata | None = strawberry.field(default=UNSET, description="Replaces all pairs; null removes them.")
    metadata_patch: MetadataPatch | None = strawberry.field(
        default=UNSET, description="Merges pairs: a null value removes its key. Excludes `metadata`."
    )


@strawberry.type(description="The customer has the values of the patch.")
class UpdateCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had done it before.")


UpdateCustomerResult = Annotated[
    UpdateCustomerSuccess
    | ValidationErrors
    | IdempotencyConflict
    | CustomerNotFound
    | CustomerArchived
    | VersionConflict
    | ExternalIdTaken,
    strawberry.union("UpdateCustomerResult", description="Every way in which updateCustomer can end."),
]


@strawberry.mutation(
    description=(
        "Change what describes a customer. A patch that changes nothing keeps the version. "
        "Needs the scope `customers:write`."
    )
)
async def update_customer(
    info: Info,
    by: By,
    patch: Annotated[CustomerPatch, strawberry.argument(description="What is to change.")],
    idempotency_key: IdempotencyKey = UNSET,
    expected_version: ExpectedVersion = UNSET,
) -> UpdateCustomerResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    change = customers.update(actor, by.asked(), given(patch), given(idempotency_key), given(expected_version))
    changed = await info.context.database.write(change)
    return UpdateCustomerSuccess(customer=Customer.of(changed.customer), replayed=changed.replayed)
