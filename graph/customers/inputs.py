"""Arguments that several operations share."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app import customers
from app.customers import IntegrationProvider


@strawberry.input(description="A customer's own id at a payment provider.")
class IntegrationEntityMappingInput:
    provider: IntegrationProvider = strawberry.field(description="The provider; each may be given once.")
    id: str = strawberry.field(description="What the provider calls the customer: 1 to 255 characters, kept as sent.")


@strawberry.input(description="A provider's own id of a customer.")
class IntegrationBy:
    provider: IntegrationProvider = strawberry.field(description="The provider.")
    id: str = strawberry.field(description="What the provider calls the customer.")


@strawberry.input(one_of=True, description="Which customer: exactly one of its ids.")
class CustomerBy:
    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Billfolk's id, of a customer in any status."
    )
    external_id: str | None = strawberry.field(default=UNSET, description="Your own id, of a published customer.")
    integration: IntegrationBy | None = strawberry.field(
        default=UNSET, description="A provider's id, of a customer in any status."
    )

    def asked(self) -> customers.By:
        if self.id:
            return customers.ById(self.id)
        if self.integration:
            return customers.ByIntegration(self.integration.provider, self.integration.id)
        return customers.ByExternalId(self.external_id or "")


By = Annotated[CustomerBy, strawberry.argument(description="Which customer.")]

ExpectedVersion = Annotated[
    int | None,
    strawberry.argument(description="Change the customer only if this is still its `version`; else VersionConflict."),
]

ParentId = Annotated[strawberry.ID | None, strawberry.argument(description="The parent's id.")]

ParentExternalId = Annotated[
    str | None,
    strawberry.argument(description="The parent's external id, of a published customer; excludes `parentCustomerId`."),
]
