"""The faces of what can be wrong with a customer's change."""

from collections.abc import Iterable
from typing import Self

import strawberry

from app.customers import IntegrationProvider, errors
from app.customers.tables import Customer as Stored
from app.errors import Expected
from app.identity import Scope
from graph.context import Info
from graph.customers.types import Customer
from graph.errors import Error, ErrorCode, wire


def shown(existing: Stored | None, info: Info) -> Customer | None:
    """The record that was met, to those who may read it."""
    return Customer.of(existing) if existing and Scope.READ in info.context.actor.scopes else None


@strawberry.type(description="No customer of this environment is the one that was asked for; an erased one is none.")
class CustomerNotFound(Error):
    pass


@strawberry.type(description="The customer is archived: read-only until it is restored.")
class CustomerArchived(Error):
    pass


@strawberry.type(description="Only an archived customer can be restored.")
class CustomerNotArchived(Error):
    pass


@strawberry.type(description="The customer has changed since the version that was expected. Nothing was changed.")
class VersionConflict(Error):
    expected_version: int = strawberry.field(description="The version that was expected.")
    current: Customer | None = strawberry.field(
        description="The customer as it is now; null without the scope `customers:read`."
    )

    @classmethod
    def of(cls, error: errors.VersionConflict, info: Info) -> Self:
        return cls(
            code=ErrorCode(error.code),
            message=error.message,
            path=wire(error.path),
            expected_version=error.expected_version,
            current=shown(error.current, info),
        )


@strawberry.type(description="No customer of this environment has the id that was given for the parent.")
class ParentNotFound(Error):
    pass


@strawberry.type(
    description="The parent exists and can't be this one's: PARENT_ARCHIVED, HIERARCHY_CYCLE or HIERARCHY_TOO_DEEP."
)
class HierarchyConflict(Error):
    pass


@strawberry.type(description="Another published customer already has this external id.")
class ExternalIdTaken(Error):
    existing: Customer | None = strawberry.field(description="Whose it is; null without the scope `customers:read`.")

    @classmethod
    def of(cls, error: errors.ExternalIdTaken, info: Info) -> Self:
        return cls(
            code=ErrorCode(error.code),
            message=error.message,
            path=wire(error.path),
            existing=shown(error.existing, info),
        )


@strawberry.type(description="Another customer, archived or not, is already linked to this id of the provider.")
class IntegrationTaken(Error):
    provider: IntegrationProvider = strawberry.field(description="The provider.")
    id: str = strawberry.field(description="The provider's id that is taken.")
    existing: Customer | None = strawberry.field(description="Whose it is; null without the scope `customers:read`.")

    @classmethod
    def of(cls, error: errors.IntegrationTaken, info: Info) -> Self:
        return cls(
            code=ErrorCode(error.code),
            message=error.message,
            path=wire(error.path),
            provider=error.provider,
            id=error.id,
            existing=shown(error.existing, info),
        )


FACES: Iterable[tuple[type[Expected], type[Error]]] = (
    (errors.CustomerNotFound, CustomerNotFound),
    (errors.CustomerArchived, CustomerArchived),
    (errors.CustomerNotArchived, CustomerNotArchived),
    (errors.VersionConflict, VersionConflict),
    (errors.ParentNotFound, ParentNotFound),
    (errors.HierarchyConflict, HierarchyConflict),
    (errors.ExternalIdTaken, ExternalIdTaken),
    (errors.IntegrationTaken, IntegrationTaken),
)
