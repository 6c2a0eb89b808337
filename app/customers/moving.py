"""setCustomerParent's change: moves within an environment come one at a time, so that no cycle can be stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import Connection

from app.customers import hierarchy
from app.customers.changing import Edit, PlainChange, difference
from app.customers.lookup import By, ByExternalId, ById
from app.customers.models import one_parent
from app.customers.tables import Customer
from app.errors import Path
from app.events import EventType
from app.identity import Actor
from app.texts import TextRule
from app.validation import judged


class NewParent(BaseModel):
    """The parent, by one of its ids; by neither, none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parent_customer_id: Annotated[str | None, TextRule()] = None
    parent_customer_external_id: Annotated[str | None, TextRule()] = None

    _one_parent = field_validator("parent_customer_external_id")(one_parent)


def parent_of(named: Any) -> tuple[ById | ByExternalId | None, str]:
    """Who was named as the parent, and by which field."""
    if named.parent_customer_id is not None:
        return ById(named.parent_customer_id), "parent_customer_id"
    if named.parent_customer_external_id is not None:
        return ByExternalId(named.parent_customer_external_id), "parent_customer_external_id"
    return None, "parent_customer_id"


@dataclass(frozen=True, kw_only=True, eq=False)
class Move(PlainChange):
    operation = "setCustomerParent"

    parent: NewParent

    def asked(self) -> Mapping[str, Any]:
        return self.parent.model_dump()

    def locked(self, connection: Connection) -> Customer | None:
        # The trees before the row: two moves that wait for each other's rows would end in a deadlock.
        hierarchy.hold(connection, self.actor.tenant_id, self.actor.environment_id, shared=False)
        return super().locked(connection)

    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        parent, name = parent_of(self.parent)
        path: Path = (name,)
        columns = {"parent_customer_id": hierarchy.new_parent(connection, self.actor, customer, parent, path)}
        changes = difference({"parent_customer_id": customer.parent_customer_id}, columns)
        return Edit(EventType.CUSTOMER_PARENT_CHANGED, columns, changes) if changes else None


def move(
    actor: Actor,
    by: By,
    parent: Mapping[str, Any],
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Move:
    """The change that puts a customer below another, or makes it a root: `parent` has `NewParent`'s fields.

    Applying it raises, after what every change can raise, `ParentNotFound` or `HierarchyConflict`.
    """
    value = judged(NewParent, parent, at=(), idempotency_key=idempotency_key)
    return Move(actor=actor, by=by, parent=value, idempotency_key=idempotency_key, expected_version=expected_version)
