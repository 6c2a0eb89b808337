"""A customer as the API shows it."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import CustomerStatus, IntegrationProvider
from app.customers.listing import NEWEST_FIRST
from app.identity import Scope
from graph.context import Info
from graph.customers.events import CustomerEvent
from graph.enums import described
from graph.nodes import Node
from graph.pagination import After, Before, Connection, First, Last, Listing, connected
from graph.scalars import Metadata

described(
    CustomerStatus,
    "The stages of a customer's life.",
    PUBLISHED="In use. Its external id is its own.",
    ARCHIVED="Read-only; its external id is free for another. Can be restored.",
    DELETED="Erased: every personal value is gone, for good.",
)
described(
    IntegrationProvider,
    "The payment providers whose customers can be linked.",
    STRIPE="Stripe; ids such as `cus_NffrFeUfNV2Hib`.",
    RAZORPAY="Razorpay; ids such as `cust_1Aa00000000004`.",
    PAYPAL="PayPal; ids such as `8UAXHK3V2SXKG`.",
)


@strawberry.type(description="A customer's own id at a payment provider.")
class IntegrationEntityMapping:
    provider: IntegrationProvider = strawberry.field(description="The provider.")
    id: str = strawberry.field(description="What the provider calls the customer, exactly as it was sent.")

    @classmethod
    def of(cls, link: customers.StoredMapping) -> Self:
        return cls(provider=IntegrationProvider(link.provider), id=link.provider_id)


@strawberry.type(description="Somebody who is billed: a company or a person, in one tenant and environment.")
class Customer(Node):
    external_id: str = strawberry.field(
        description="Your own id for the customer: unique among the environment's published customers."
    )
    name: str | None = strawberry.field(description="The customer's name.")
    email: str | None = strawberry.field(description="Where invoices go, such as `ada@example.com`.")
    contact: str | None = strawberry.field(description="A telephone number or another way to reach the customer.")
    address_line1: str | None = strawberry.field(description="Street and number.")
    address_line2: str | None = strawberry.field(description="Building, floor, door.")
    address_city: str | None = strawberry.field(description="City or town.")
    address_state: str | None = strawberry.field(description="State, province or region.")
    address_postal_code: str | None = strawberry.field(description="Postal or ZIP code.")
    address_country: str | None = strawberry.field(description="ISO 3166-1 alpha-2 code in upper case, such as `DE`.")
    timezone: str = strawberry.field(description="IANA time zone, such as `Europe/Berlin`; `UTC` when none was given.")
    metadata_: Metadata = strawberry.field(name="metadata", description="Your own key-value pairs; `{}` when none.")
    parent_customer_id: strawberry.ID | None = strawberry.field(description="The parent's id; null for a root.")
    environment_id: str = strawberry.field(description="The environment that the customer lives in.")
    tenant_id: str = strawberry.field(description="The tenant that the customer belongs to.")
    status: CustomerStatus = strawberry.field(description="Where in its life the customer is.")
    version: int = strawberry.field(description="1 on creation, and 1 more with each change.")
    created_at: datetime = strawberry.field(description="When the customer was created.")
    updated_at: datetime = strawberry.field(description="When the customer last changed.")
    created_by: str = strawberry.field(description="The id of the actor who created the customer, such as a key's.")
    updated_by: str = strawberry.field(description="The id of the actor who last changed the customer.")

    @strawberry.field(description="The customer above this one; null for a root.")
    async def parent(self, info: Info) -> "Customer | None":
        if self.parent_customer_id is None:
            return None
        return await info.context.customers.by_id.load(self.parent_customer_id)

    @strawberry.field(description="The customer's ids at payment providers, by provider.")
    async def integrations(self, info: Info) -> list[IntegrationEntityMapping]:
        return await info.context.customers.integrations.load(self.id)

    @strawberry.field(
        description="The published customers right below this one, newest first. Needs the scope `customers:read`."
    )
    async def children(
        self, info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> Connection["Customer"]:
        info.context.actor.allowed(Scope.READ)
        load, count = info.context.customers.children.load, info.context.customers.child_count.load
        listing: Listing[Customer] = Listing(
            terms=("children", self.id),
            position=NEWEST_FIRST.position,
            restored=NEWEST_FIRST.restored,
            page=lambda window: load((self.id, window)),
            count=lambda: count(self.id),
        )
        return await connected(info, listing, first, after, last, before)

    @strawberry.field(
        description=(
            "All above this one, in any status: its parent first, the root last. Needs the scope `customers:read`."
        )
    )
    async def ancestors(self, info: Info) -> list["Customer"]:
        info.context.actor.allowed(Scope.READ)
        return await info.context.customers.ancestors.load(self.id)

    @strawberry.field(
        description="How many published customers are below this one, on all levels. Needs the scope `customers:read`."
    )
    async def descendant_count(self, info: Info) -> int:
        info.context.actor.allowed(Scope.READ)
        return await info.context.customers.descendant_count.load(self.id)

    @strawberry.field(description="What happened to the customer, newest first. Needs the scope `customers:read`.")
    async def events(
        self, info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> Connection[CustomerEvent]:
        info.context.actor.allowed(Scope.READ)
        load, count = info.context.customers.events.load, info.context.customers.event_count.load
        listing: Listing[CustomerEvent] = Listing(
            terms=("events", self.id),
            position=lambda event: (event.customer_version, event.id),
            restored=lambda version, id: (version, id),
            page=lambda window: load((self.id, window)),
            count=lambda: count(self.id),
        )
        return await connected(info, listing, first, after, last, before)

    @classmethod
    def of(cls, customer: customers.Customer) -> Self:
        """The face of a stored customer: their names are the same, so nothing is copied one by one."""
        face = cls.__new__(cls)
        face.__dict__.update(customer.__dict__)
        return face
