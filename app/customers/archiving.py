"""archiveCustomer and restoreCustomer: an external id is given up, and taken back when it is still free."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.customers import lookup
from app.customers.changing import CustomerChange, Edit, PlainChange, check_key
from app.customers.errors import CustomerNotArchived
from app.customers.lookup import By, ByExternalId
from app.customers.models import CustomerStatus
from app.customers.naming import write_named
from app.customers.tables import Customer
from app.events import EventType
from app.identity import Actor


def _status(customer: Customer, status: CustomerStatus, type: EventType) -> Edit:
    return Edit(type, {"status": status.value}, {"status": {"before": customer.status, "after": status.value}})


@dataclass(frozen=True, kw_only=True, eq=False)
class Archive(PlainChange):
    operation = "archiveCustomer"

    def asked(self) -> Mapping[str, Any]:
        return {}

    def edit(self, connection: Connection, customer: Customer) -> Edit:
        return _status(customer, CustomerStatus.ARCHIVED, EventType.CUSTOMER_ARCHIVED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Restore(PlainChange):
    operation = "restoreCustomer"

    def asked(self) -> Mapping[str, Any]:
        return {}

    def locked(self, connection: Connection) -> Customer | None:
        return found_in_any_status(self, connection)

    def check(self, customer: Customer) -> None:
        if customer.status != CustomerStatus.ARCHIVED:
            raise CustomerNotArchived

    def edit(self, connection: Connection, customer: Customer) -> Edit:
        return _status(customer, CustomerStatus.PUBLISHED, EventType.CUSTOMER_RESTORED)

    def write(self, connection: Connection, customer: Customer, edit: Edit) -> Customer:
        return write_named(self, connection, customer, edit, customer.external_id, path=("by",))


def found_in_any_status(change: CustomerChange[Any], connection: Connection) -> Customer | None:
    """The customer, locked. By its external id: the published one, else the one that was archived last."""
    customer = CustomerChange.locked(change, connection)
    if customer is None and isinstance(change.by, ByExternalId):
        return lookup.latest_archived(connection, change.actor, change.by.external_id, lock=True)
    return customer


def archive(actor: Actor, by: By, idempotency_key: str | None = None, expected_version: int | None = None) -> Archive:
    """The change that archives a customer. It stays readable, and keeps its children and its providers' ids."""
    check_key(idempotency_key, path=("by",))
    return Archive(actor=actor, by=by, idempotency_key=idempotency_key, expected_version=expected_version)


def restore(actor: Actor, by: By, idempotency_key: str | None = None, expected_version: int | None = None) -> Restore:
    """The change that publishes an archived customer again; `ExternalIdTaken` when another has its name by now."""
    check_key(idempotency_key, path=("by",))
    return Restore(actor=actor, by=by, idempotency_key=idempotency_key, expected_version=expected_version)
