"""createCustomer's change: judged when it is made, stored when it is applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from app import ids
from app.customers import insertion
from app.customers.drafts import Created, Draft
from app.customers.models import CustomerStatus, Details, NewCustomer
from app.database import Outcome
from app.errors import Path
from app.events import EventType
from app.idempotency import fingerprint, row_of
from app.identity import Actor
from app.validation import judged

OPERATION = "createCustomer"

# What describes the customer; all else names other records, or only steers the call.
COLUMNS = tuple(name for name in Details.model_fields if name != "metadata")


@dataclass(frozen=True, slots=True, eq=False)
class Creation:
    """One customer to be made. It carries its rows, so that many can be stored by one statement a table."""

    actor: Actor
    new: NewCustomer
    idempotency_key: str | None = None
    path: Path = ("input",)
    id: str = field(default_factory=lambda: ids.new(ids.CUSTOMER))
    event_id: str = field(default_factory=lambda: ids.new(ids.EVENT))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> Created:
        draft = self.draft()
        insertion.store(connection, [draft])
        return draft.result()

    @staticmethod
    def together(connection: Connection, creations: Sequence["Creation"]) -> Sequence[Outcome]:
        drafts = [creation.draft() for creation in creations]
        insertion.store(connection, drafts)
        return [draft.outcome for draft in drafts]

    @property
    def tenant_id(self) -> str:
        return self.actor.tenant_id

    def draft(self) -> Draft:
        scope = {"tenant_id": self.actor.tenant_id, "environment_id": self.actor.environment_id}
        columns = {name: getattr(self.new, name) for name in COLUMNS}
        integrations = {mapping.provider.value: mapping.id for mapping in self.new.integration_entity_mapping}
        said = {**columns, "metadata": self.new.metadata or None, "integrations": integrations or None}
        return Draft(
            customer={
                **scope,
                **columns,
                **sortable(self.new.name, self.new.email, self.new.external_id),
                "id": self.id,
                "metadata_": self.new.metadata,
                "parent_customer_id": None,
                "status": CustomerStatus.PUBLISHED.value,
                "version": 1,
                "created_at": self.at,
                "updated_at": self.at,
                "created_by": self.actor.id,
                "updated_by": self.actor.id,
            },
            event={
                **scope,
                "id": self.event_id,
                "type": EventType.CUSTOMER_CREATED.value,
                "customer_id": self.id,
                "customer_version": 1,
                "actor_id": self.actor.id,
                "created_at": self.at,
                "changes": {name: {"before": None, "after": v} for name, v in said.items() if v is not None},
                "options": {"skip_onboarding_workflow": self.new.skip_onboarding_workflow},
            },
            mappings=[
                {**scope, "customer_id": self.id, "provider": provider, "provider_id": id}
                for provider, id in integrations.items()
            ],
            claim=self.claim(),
            parent_id=self.new.parent_customer_id,
            parent_external_id=self.new.parent_customer_external_id,
            path=self.path,
        )

    def claim(self) -> dict[str, Any] | None:
        if self.idempotency_key is None:
            return None
        outcome = {"customer_id": self.id}
        return row_of(self.actor, self.idempotency_key, OPERATION, fingerprint(self.new), outcome, self.at)


def sortable(name: str | None, email: str | None, external_id: str) -> dict[str, str]:
    """What lists are sorted and searched by: casefolded, so that it means the same on each engine."""
    searched = "\n".join(text for text in (name, email, external_id) if text)
    return {"sort_name": (name or "").casefold(), "search_text": searched.casefold()}


def create(actor: Actor, input: Mapping[str, Any], idempotency_key: str | None = None) -> Creation:
    """The change that makes a customer of `input`: a mapping of `NewCustomer`'s fields.

    Raises `Invalid` with every field that is wrong, the key last. Applying it raises `IdempotencyConflict`,
    `ParentNotFound`, `HierarchyConflict`, `ExternalIdTaken` or `IntegrationTaken`, the first that holds.
    """
    new = judged(NewCustomer, input, at=("input",), idempotency_key=idempotency_key)
    return Creation(actor, new, idempotency_key)
