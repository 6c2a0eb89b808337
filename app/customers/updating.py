"""updateCustomer's change: absent keeps, null clears, a value sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.customers.changing import Edit, PlainChange, difference
from app.customers.creation import sortable
from app.customers.lookup import By
from app.customers.metadata import MOST_KEYS, too_many_keys
from app.customers.models import CustomerPatch
from app.customers.naming import write_named
from app.customers.tables import Customer
from app.errors import Path
from app.events import EventType
from app.identity import Actor
from app.validation import FieldProblem, Invalid, judged

# Columns by the field's name, where they differ.
COLUMN = {"metadata": "metadata_"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Update(PlainChange):
    operation = "updateCustomer"

    patch: CustomerPatch

    def asked(self) -> Mapping[str, Any]:
        # Only what was given: null is not the same as absent here.
        return {"patch": self.patch.model_dump(mode="json", include=self.patch.model_fields_set)}

    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        given = self.patch.model_fields_set - {"metadata_patch"}
        fields = {name: getattr(self.patch, name) for name in given}
        if self.patch.metadata_patch:
            fields["metadata"] = merged(customer.metadata_, self.patch.metadata_patch)
        return edit_of(customer, fields)

    def write(self, connection: Connection, customer: Customer, edit: Edit) -> Customer:
        if "external_id" not in edit.changes:
            return super().write(connection, customer, edit)
        path: Path = ("patch", "external_id")
        return write_named(self, connection, customer, edit, self.patch.external_id, path)


def merged(metadata: Mapping[str, str], patch: Mapping[str, str | None]) -> dict[str, str]:
    together = {key: value for key, value in {**metadata, **patch}.items() if value is not None}
    if len(together) > MOST_KEYS:
        problem = too_many_keys(len(together))
        path: Path = ("patch", "metadata_patch")
        raise Invalid([FieldProblem(problem.type, problem.message(), path, problem.context or {})], path=("patch",))
    return together


def edit_of(customer: Customer, fields: Mapping[str, Any]) -> Edit | None:
    """The edit that gives the customer these values; None when it has them."""
    before = {name: getattr(customer, COLUMN.get(name, name)) for name in fields}
    changes = difference(before, fields)
    if not changes:
        return None
    columns = {COLUMN.get(name, name): fields[name] for name in changes}
    now = {name: columns.get(name, getattr(customer, name)) for name in ("name", "email", "external_id")}
    return Edit(EventType.CUSTOMER_UPDATED, {**columns, **sortable(**now)}, changes)


def update(
    actor: Actor,
    by: By,
    patch: Mapping[str, Any],
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Update:
    """The change that gives a customer what the patch names: a mapping of `CustomerPatch`'s fields.

    Applying it raises `IdempotencyConflict`, `CustomerNotFound`, `CustomerArchived`, `VersionConflict` or
    `ExternalIdTaken`, the first that holds.
    """
    value = judged(CustomerPatch, patch, at=("patch",), idempotency_key=idempotency_key)
    return Update(actor=actor, by=by, patch=value, idempotency_key=idempotency_key, expected_version=expected_version)
