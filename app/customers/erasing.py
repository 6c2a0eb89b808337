"""eraseCustomer's change: a person is forgotten, the record's place in the books stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from app.customers.archiving import found_in_any_status
from app.customers.changing import Changed, CustomerChange, Edit, Outcome, check_key
from app.customers.creation import sortable
from app.customers.lookup import By, within
from app.customers.models import UTC, CustomerStatus, Details
from app.customers.tables import Customer
from app.customers.updating import COLUMN
from app.errors import Path
from app.events import EVENTS, EventType
from app.identity import Actor
from app.validation import FieldProblem, Invalid

# All that describes a customer can name a person: an external id is often an email address.
PERSONAL = tuple(Details.model_fields)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done, for whoever must prove it: which fields were emptied, and in how many events of the past."""

    customer_id: str
    erased_at: datetime
    erased_by: str
    fields: tuple[str, ...]
    redacted_events: int


@dataclass(frozen=True, slots=True)
class Erased(Changed):
    receipt: Receipt = field(kw_only=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Erasure(CustomerChange[Erased]):
    operation = "eraseCustomer"
    # SQLite keeps the pages of the past in its log until it is asked to forget them too.
    leaves_no_trace = True

    confirm_external_id: str

    def asked(self) -> Mapping[str, Any]:
        return {"confirm_external_id": self.confirm_external_id}

    def locked(self, connection: Connection) -> Customer | None:
        return found_in_any_status(self, connection)

    def check(self, customer: Customer) -> None:
        if self.confirm_external_id != customer.external_id:
            path: Path = ("confirm_external_id",)
            problem = FieldProblem("INVALID_CHOICE", "This is not the customer's external id.", path, {})
            raise Invalid([problem], path)

    def edit(self, connection: Connection, customer: Customer) -> Edit:
        emptied = {
            **dict.fromkeys(PERSONAL),
            **sortable(None, None, customer.id),
            "external_id": customer.id,
            "timezone": UTC,
            "status": CustomerStatus.DELETED.value,
        }
        del emptied["metadata"]
        receipt = {
            "erased_at": self.at.isoformat(),
            "erased_by": self.actor.id,
            "fields": [name for name in PERSONAL if getattr(customer, COLUMN.get(name, name))],
            "redacted_events": redact(connection, self.actor, customer),
        }
        changes = {"status": {"before": customer.status, "after": CustomerStatus.DELETED.value}}
        return Edit(EventType.CUSTOMER_ERASED, {**emptied, "metadata_": {}}, changes, receipt)

    def answer(self, customer: Customer, outcome: Outcome, *, replayed: bool) -> Erased:
        receipt = Receipt(
            customer.id,
            datetime.fromisoformat(outcome["erased_at"]),
            outcome["erased_by"],
            tuple(outcome["fields"]),
            outcome["redacted_events"],
        )
        return Erased(customer, replayed, receipt=receipt)


def redact(connection: Connection, actor: Actor, customer: Customer) -> int:
    """Empty the personal values in the customer's events: which fields changed is still told. The number of events."""
    redacted = 0
    of_customer = (within(EVENTS, actor), EVENTS.c.customer_id == customer.id)
    for event in connection.execute(select(EVENTS.c.id, EVENTS.c.changes).where(*of_customer)).all():
        if personal := event.changes.keys() & set(PERSONAL):
            changes = {**event.changes, **{name: {"before": None, "after": None} for name in personal}}
            connection.execute(
                update(EVENTS).where(within(EVENTS, actor), EVENTS.c.id == event.id).values(changes=changes)
            )
            redacted += 1
    return redacted


def erase(
    actor: Actor,
    by: By,
    confirm_external_id: str,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Erasure:
    """The change that removes every personal value of a customer for good, from its history too.

    Its external id is then its own id. Links to providers, to the parent and to children stay.
    """
    check_key(idempotency_key, path=("confirm_external_id",))
    return Erasure(
        actor=actor,
        by=by,
        confirm_external_id=confirm_external_id,
        idempotency_key=idempotency_key,
        expected_version=expected_version,
    )
