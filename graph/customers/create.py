"""createCustomer: its input, its outcomes, the mutation."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.identity import Scope
from graph.context import Info
from graph.customers.errors import ExternalIdTaken, HierarchyConflict, IntegrationTaken, ParentNotFound
from graph.customers.inputs import IntegrationEntityMappingInput
from graph.customers.types import Customer
from graph.errors import IdempotencyConflict, ValidationErrors
from graph.inputs import IdempotencyKey, given
from graph.scalars import Metadata


@strawberry.input(description="What is known about a customer. Texts are trimmed; an empty text is null.")
class CreateCustomerInput:
    external_id: str = strawberry.field(
        description="Your own id: 1 to 255 characters, kept as sent, unique among the published customers."
    )
    name: str | None = strawberry.field(default=UNSET, description="At most 255 characters.")
    email: str | None = strawberry.field(
        default=UNSET, description="Such as `ada@example.com`; at most 254 characters."
    )
    contact: str | None = strawberry.field(default=UNSET, description="A telephone number, say; at most 20 characters.")
    address_line1: str | None = strawberry.field(
        default=UNSET, description="Street and number; at most 255 characters."
    )
    address_line2: str | None = strawberry.field(default=UNSET, description="Building, floor; at most 255 characters.")
    address_city: str | None = strawberry.field(default=UNSET, description="City or town; at most 100 characters.")
    address_state: str | None = strawberry.field(default=UNSET, description="State or region; at most 100 characters.")
    address_postal_code: str | None = strawberry.field(default=UNSET, description="At most 20 characters.")
    address_country: str | None = strawberry.field(default=UNSET, description="ISO 3166-1 alpha-2, any case: `DE`.")
    timezone: str | None = strawberry.field(default=UNSET, description="IANA name: `Europe/Berlin`. `UTC` when absent.")
    metadata: Metadata | None = strawberry.field(default=UNSET, description='Your own pairs: `{"plan": "pro"}`.')
    parent_customer_id: strawberry.ID | None = strawberry.field(default=UNSET, description="The parent's id.")
    parent_customer_external_id: str | None = strawberry.field(
        default=UNSET, description="The parent's external id, of a published customer; excludes `parentCustomerId`."
    )
    integration_entity_mapping: list[IntegrationEntityMappingInput] | None = strawberry.field(
        default=UNSET, description="The customer's ids at payment providers; an id belongs to one customer only."
    )
    skip_onboarding_workflow: bool = strawberry.field(
        default=False, description="True: do not start the onboarding workflow, as a provider's own webhook wants it."
    )


@strawberry.type(description="The customer is stored.")
class CreateCustomerSuccess:
    customer: Customer = strawberry.field(description="The customer as it is now.")
    replayed: bool = strawberry.field(description="True when the idempotency key had made it before.")


CreateCustomerResult = Annotated[
    CreateCustomerSuccess
    | ValidationErrors
    | IdempotencyConflict
    | ParentNotFound
    | HierarchyConflict
    | ExternalIdTaken
    | IntegrationTaken,
    strawberry.union("CreateCustomerResult", description="Every way in which createCustomer can end."),
]


@strawberry.mutation(description="Create a billing customer. Needs the scope `customers:write`.")
async def create_customer(
    info: Info,
    input: Annotated[CreateCustomerInput, strawberry.argument(description="The customer.")],
    idempotency_key: IdempotencyKey = UNSET,
) -> CreateCustomerResult | None:
    actor = info.context.actor.allowed(Scope.WRITE)
    creation = customers.create(actor, given(input), idempotency_key=given(idempotency_key))
    created = await info.context.database.write(creation)
    return CreateCustomerSuccess(customer=Customer.of(created.customer), replayed=created.replayed)
