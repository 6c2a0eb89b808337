"""upsertCustomer's change: by external id, created or brought to what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from app import ids
from app.customers import hierarchy, insertion
from app.customers.changing import Changed, CustomerChange, Edit, Outcome, difference
from app.customers.creation import Creation
from app.customers.errors import CustomerNotFound, ExternalIdTaken
from app.customers.linking import add_link, linked_now, remove_link, said
from app.customers.lookup import ByExternalId
from app.customers.models import Details, NewCustomer
from app.customers.moving import parent_of
from app.customers.tables import Customer
from app.customers.updating import edit_of
from app.errors import Path
from app.events import EventType
from app.identity import Actor
from app.validation import judged

PARENT_FIELDS = {"parent_customer_id", "parent_customer_external_id"}


class UpsertOutcome(StrEnum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True)
class Upserted(Changed):
    outcome: UpsertOutcome = field(kw_only=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Upsert(CustomerChange[Upserted]):
    operation = "upsertCustomer"

    new: NewCustomer
    customer_id: str = field(default_factory=lambda: ids.new(ids.CUSTOMER))

    def asked(self) -> Mapping[str, Any]:
        # Only what was given: null is not the same as absent here.
        return {"input": self.new.model_dump(mode="json", include=self.new.model_fields_set)}

    @property
    def gives_parent(self) -> bool:
        return bool(self.new.model_fields_set & PARENT_FIELDS)

    @property
    def gives_links(self) -> bool:
        return "integration_entity_mapping" in self.new.model_fields_set

    def _changed(self, connection: Connection) -> tuple[Customer, Outcome]:
        if self.gives_parent:
            # The trees before the row, as every move takes them.
            hierarchy.hold(connection, self.actor.tenant_id, self.actor.environment_id, shared=False)
        while True:
            customer = self.locked(connection)
            if customer and (event := self.recalled(connection)):
                created = event.type == EventType.CUSTOMER_CREATED
                return customer, told(UpsertOutcome.CREATED if created else UpsertOutcome.UPDATED)
            if customer:
                self.check_version(customer)
                edit = self.edit(connection, customer)
                if edit is None:
                    return customer, told(UpsertOutcome.UNCHANGED)
                return self.write(connection, customer, edit), told(UpsertOutcome.UPDATED)
            if self.expected_version is not None:
                raise CustomerNotFound(("input", "external_id"))
            creation = Creation(self.actor, self.new, id=self.customer_id, event_id=self.event_id, at=self.at)
            draft = creation.draft()
            insertion.store(connection, [draft])
            if not isinstance(draft.outcome, ExternalIdTaken):
                return draft.result().customer, told(UpsertOutcome.CREATED)
            # Somebody created it since the look: now there is one to bring up to date.

    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        described = self.described(customer)
        columns = dict(described.columns) if described else {}
        changes = dict(described.changes) if described else {}
        if self.gives_parent:
            parent, name = parent_of(self.new)
            path: Path = ("input", name)
            above = {"parent_customer_id": hierarchy.new_parent(connection, self.actor, customer, parent, path)}
            columns |= above
            changes |= difference({"parent_customer_id": customer.parent_customer_id}, above)
        if self.gives_links:
            changes |= self._link(connection, customer)
        return Edit(EventType.CUSTOMER_UPDATED, columns, changes) if changes else None

    def described(self, customer: Customer) -> Edit | None:
        """What changes of the customer itself: all but its parent and its links."""
        given = self.new.model_fields_set
        return edit_of(customer, {name: getattr(self.new, name) for name in Details.model_fields if name in given})

    def links(self) -> dict[str, str]:
        """The provider's ids that were sent, by provider."""
        return {mapping.provider.value: mapping.id for mapping in self.new.integration_entity_mapping}

    def _link(self, connection: Connection, customer: Customer) -> dict[str, dict[str, Any]]:
        """Make the customer's links those that were sent: the ones that differ go first, to make room."""
        before = linked_now(connection, self.actor, customer)
        after = self.links()
        for provider, id in before.items():
            if after.get(provider) != id:
                remove_link(connection, self.actor, customer, provider)
        for index, (provider, id) in enumerate(after.items()):
            if before.get(provider) != id:
                path: Path = ("input", "integration_entity_mapping", index)
                add_link(connection, self.actor, customer, provider, id, path)
        return difference({"integrations": said(before)}, {"integrations": said(after)})

    def answer(self, customer: Customer, outcome: Outcome, *, replayed: bool) -> Upserted:
        return Upserted(customer, replayed, outcome=UpsertOutcome(outcome["outcome"]))


def told(outcome: UpsertOutcome) -> Outcome:
    return {"outcome": outcome.value}


def upsert(
    actor: Actor, input: Mapping[str, Any], idempotency_key: str | None = None, expected_version: int | None = None
) -> Upsert:
    """The change that creates the customer with the external id, or updates it: absent keeps, None clears.

    Applying it raises what creating and updating can raise, but for a taken external id. `CustomerNotFound` when a
    version was expected of a customer that does not exist.
    """
    new = judged(NewCustomer, input, at=("input",), idempotency_key=idempotency_key)
    return Upsert(
        actor=actor,
        by=ByExternalId(new.external_id),
        new=new,
        idempotency_key=idempotency_key,
        expected_version=expected_version,
    )
