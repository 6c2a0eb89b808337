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


def shown(existing: Stored, info: Info) -> Customer | None:
    """The record that was met, to those who may read it."""
    return Customer.of(existing) if Scope.READ in info.context.actor.scopes else None


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
    (errors.ParentNotFound, ParentNotFound),
    (errors.HierarchyConflict, HierarchyConflict),
    (errors.ExternalIdTaken, ExternalIdTaken),
    (errors.IntegrationTaken, IntegrationTaken),
)
