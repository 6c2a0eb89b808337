"""The failures of customers that a caller can cause and mend. Each has one face in `graph.customers.errors`."""

from app.customers.models import IntegrationProvider
from app.customers.tables import Customer
from app.errors import Expected, Path


class CustomerError(Expected):
    """A failure of one customer's change, as opposed to a whole batch's."""


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


class HierarchyTooDeep(HierarchyConflict):
    code = "HIERARCHY_TOO_DEEP"

    def __init__(self, path: Path) -> None:
        super().__init__("A customer may have at most 9 ancestors.", path)


class ExternalIdTaken(CustomerError):
    """Another published customer of this environment has the external id."""

    code = "EXTERNAL_ID_TAKEN"

    def __init__(self, path: Path, existing: Customer) -> None:
        super().__init__("Another customer already has this external id.", path)
        self.existing = existing


class IntegrationTaken(CustomerError):
    """Another customer of this environment, archived or not, has the provider's id."""

    code = "INTEGRATION_TAKEN"

    def __init__(self, path: Path, provider: IntegrationProvider, id: str, existing: Customer) -> None:
        super().__init__("Another customer is already linked to this id of the provider.", path)
        self.provider = provider
        self.id = id
        self.existing = existing
