"""A new customer's failure kept for a replay: in ids and codes, without a personal value."""

from collections.abc import Mapping
from typing import Any

from app.customers.errors import (
    CustomerError,
    ExternalIdTaken,
    HierarchyTooDeep,
    IntegrationTaken,
    ParentArchived,
    ParentNotFound,
)
from app.customers.models import IntegrationProvider
from app.customers.tables import Customer
from app.errors import Expected

OF_A_PARENT: tuple[type[ParentNotFound | ParentArchived | HierarchyTooDeep], ...] = (
    ParentNotFound,
    ParentArchived,
    HierarchyTooDeep,
)


def remembered(error: Expected) -> dict[str, Any]:
    kept: dict[str, Any] = {"code": error.code, "path": list(error.path)}
    if isinstance(error, ExternalIdTaken | IntegrationTaken):
        kept["customer_id"] = error.existing and error.existing.id
    if isinstance(error, IntegrationTaken):
        kept |= {"provider": error.provider.value, "id": error.id}
    return kept


def recalled(kept: Mapping[str, Any], customers: Mapping[str, Customer]) -> CustomerError:
    """The failure again, with the customer that it met as that is now."""
    path = tuple(kept["path"])
    match kept["code"]:
        case ExternalIdTaken.code:
            return ExternalIdTaken(path, customers[kept["customer_id"]])
        case IntegrationTaken.code:
            return IntegrationTaken(
                path, IntegrationProvider(kept["provider"]), kept["id"], customers[kept["customer_id"]]
            )
        case code:
            return next(kind(path) for kind in OF_A_PARENT if kind.code == code)
