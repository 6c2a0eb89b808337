"""The failures of customers that a caller can cause and mend. Each has one face in `graph.customers.errors`."""

from app.customers.models import IntegrationProvider
from app.customers.tables import Customer
from app.errors import Expected, Path


class CustomerError(Expected):
    """A failure of one customer's change, as opposed to a whole batch's."""


class CustomerNotFound(CustomerError):
    """No customer of this environment is the one that was asked for; an erased one is none."""

    code = "NOT_FOUND"

    def __init__(self, path: Path = ("by",)) -> None:
        super().__init__("There is no such customer.", path)


class CustomerArchived(CustomerError):
    """The customer is archived: read-only but for restoring and erasing it."""

    code = "CUSTOMER_ARCHIVED"

    def __init__(self, path: Path = ("by",)) -> None:
        super().__init__("The customer is archived. Restore it first.", path)


class CustomerNotArchived(CustomerError):
    """Only an archived customer can be restored."""

    code = "NOT_ARCHIVED"

    def __init__(self, path: Path = ("by",)) -> None:
        super().__init__("The customer is not archived.", path)


class VersionConflict(CustomerError):
    """The customer has changed since the version that the caller expected."""

    code = "VERSION_CONFLICT"

    def __init__(self, expected_version: int, current: Customer) -> None:
        super().__init__("The customer has changed since. Read it again, and decide.", ("expected_version",))
        self.expected_version = expected_version
        self.current = current


class ParentNotFound(CustomerError):
    """No customer of this environment has the id that was given for the parent."""

    code = "PARENT_NOT_FOUND"

    def __init__(self, path: Path) -> None:
        super().__init__("There is no such parent customer.", path)


class HierarchyConflict(CustomerError):
    """The parent exists, and can't be the parent of this customer."""


class ParentArchived(HierarchyConflict):
    code = "PARENT_ARCHIVED"

    def __init__(self, path: Path) -> None:
        super().__init__("The parent customer is archived. Restore it first, or choose another.", path)


class HierarchyCycle(HierarchyConflict):
    code = "HIERARCHY_CYCLE"

    def __init__(self, path: Path) -> None:
        super().__init__("A customer can't be below itself.", path)


class HierarchyTooDeep(HierarchyConflict):
    code = "HIERARCHY_TOO_DEEP"

    def __init__(self, path: Path) -> None:
        super().__init__("A customer may have at most 9 ancestors.", path)


class ExternalIdTaken(CustomerError):
    """Another published customer of this environment has the external id."""

    code = "EXTERNAL_ID_TAKEN"

    def __init__(self, path: Path, existing: Customer | None) -> None:
        super().__init__("Another customer already has this external id.", path)
        self.existing = existing


class IntegrationTaken(CustomerError):
    """Another customer of this environment, archived or not, has the provider's id."""

    code = "INTEGRATION_TAKEN"

    def __init__(self, path: Path, provider: IntegrationProvider, id: str, existing: Customer | None) -> None:
        super().__init__("Another customer is already linked to this id of the provider.", path)
        self.provider = provider
        self.id = id
        self.existing = existing
