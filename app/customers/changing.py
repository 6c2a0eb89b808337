"""What every change of a stored customer has in common.

The order is the contract's: the idempotency key, the customer, its status, its version, and only then what is
special to the verb. One statement writes the customer, one the event, in the transaction that read it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection, Row, select, update

from app import events, idempotency, ids
from app.customers import lookup
from app.customers.errors import CustomerArchived, CustomerNotFound, VersionConflict
from app.customers.lookup import By, within
from app.customers.models import CustomerStatus
from app.customers.tables import CUSTOMERS, Customer
from app.database import is_retry, record
from app.errors import Path
from app.events import EVENTS, EventType
from app.identity import Actor
from app.validation import Invalid, judge_key

Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """The customer as it is now. `replayed`: the change had been made before, by the same call."""

    customer: Customer
    replayed: bool = False


C = TypeVar("C", bound=Changed)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a verb decided: the columns to set, and what the event says of it, field by field."""

    type: EventType
    columns: Mapping[str, Any]
    changes: Mapping[str, Mapping[str, Any]]
    options: Outcome = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomerChange(ABC, Generic[C]):
    """A change of one customer, as a value: `Database.write` applies it, again when the connection is lost."""

    operation: ClassVar[str]

    actor: Actor
    by: By
    idempotency_key: str | None = None
    expected_version: int | None = None
    event_id: str = field(default_factory=lambda: ids.new(ids.EVENT))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @abstractmethod
    def asked(self) -> Mapping[str, Any]:
        """What makes this call the same as another, beside the customer: the rest of its normalised input."""

    @abstractmethod
    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        """What is to be written; None when the customer is so already. May raise what is wrong."""

    def locked(self, connection: Connection) -> Customer | None:
        """The customer, which nobody else can change until the end."""
        return lookup.find(connection, self.actor, self.by, lock=True)

    def check(self, customer: Customer) -> None:
        """Refuse a customer whose status does not allow this."""
        if customer.status == CustomerStatus.ARCHIVED:
            raise CustomerArchived

    def apply(self, connection: Connection) -> C:
        if self.idempotency_key is not None:
            used = idempotency.claim(
                connection, self.actor, self.idempotency_key, self.operation, self._fingerprint(), self.at
            )
            if used is not None:
                customer = lookup.get(connection, self.actor, used.outcome["customer_id"])
                return self.answer(customer, used.outcome, replayed=True)
        customer, outcome = self._changed(connection)
        if self.idempotency_key is not None:
            outcome = {"customer_id": customer.id, **outcome}
            idempotency.settle(connection, self.actor, self.idempotency_key, outcome)
        return self.answer(customer, outcome, replayed=False)

    @abstractmethod
    def answer(self, customer: Customer, outcome: Outcome, *, replayed: bool) -> C:
        """What the caller is told, now or by a replay: from what was kept of it."""

    def _fingerprint(self) -> str:
        return idempotency.fingerprint(
            {"by": lookup.said(self.by), "expected_version": self.expected_version, **self.asked()}
        )

    def _changed(self, connection: Connection) -> tuple[Customer, Outcome]:
        customer = self.locked(connection)
        if customer and (event := self.recalled(connection)):
            return customer, event.options
        if customer is None or customer.status == CustomerStatus.DELETED:
            raise CustomerNotFound
        self.check(customer)
        self.check_version(customer)
        edit = self.edit(connection, customer)
        if edit is None:
            return customer, {}
        return self.write(connection, customer, edit), edit.options

    def check_version(self, customer: Customer) -> None:
        if self.expected_version is not None and self.expected_version != customer.version:
            raise VersionConflict(self.expected_version, customer)

    def recalled(self, connection: Connection) -> Row[Any] | None:
        """This very change's event, when an earlier try was committed and only its answer was lost."""
        if not is_retry(connection):
            return None
        return connection.execute(
            select(EVENTS).where(within(EVENTS, self.actor), EVENTS.c.id == self.event_id)
        ).first()

    def write(self, connection: Connection, customer: Customer, edit: Edit) -> Customer:
        """Store the edit and its event. A name that another has meanwhile fails here, in the verb's own way."""
        columns, event = self.rows(customer, edit)
        connection.execute(
            update(CUSTOMERS).where(within(CUSTOMERS, self.actor), CUSTOMERS.c.id == customer.id).values(columns)
        )
        events.insert(connection, [event])
        return record(Customer, {**row_of(customer), **columns})

    def rows(self, customer: Customer, edit: Edit) -> tuple[dict[str, Any], dict[str, Any]]:
        """The columns that the edit gives the customer, and the event's row."""
        columns = {
            **edit.columns,
            "version": customer.version + 1,
            "updated_at": self.at,
            "updated_by": self.actor.id,
        }
        event = {
            "tenant_id": self.actor.tenant_id,
            "environment_id": self.actor.environment_id,
            "id": self.event_id,
            "type": edit.type.value,
            "customer_id": customer.id,
            "customer_version": columns["version"],
            "actor_id": self.actor.id,
            "created_at": self.at,
            "changes": edit.changes,
            "options": edit.options,
        }
        return columns, event


def row_of(customer: Customer) -> dict[str, Any]:
    """The customer's row as it is stored."""
    return {name: getattr(customer, name) for name in CUSTOMERS.c.keys()}  # noqa: SIM118 - columns are no mapping


class PlainChange(CustomerChange[Changed]):
    """A change of which there is nothing to tell but the customer."""

    def answer(self, customer: Customer, outcome: Outcome, *, replayed: bool) -> Changed:
        return Changed(customer, replayed)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`{field: {"before": …, "after": …}}` of the fields that differ; an empty map is no value."""
    return {
        name: {"before": before[name] or None, "after": value or None}
        for name, value in after.items()
        if (before[name] or None) != (value or None)
    }


def check_key(idempotency_key: str | None, path: Path) -> None:
    """Raise `Invalid` for a bad key, where nothing else of the input can be wrong."""
    if problems := judge_key(idempotency_key):
        raise Invalid(problems, path)
