"""linkIntegration and unlinkIntegration: a provider's id belongs to one customer, and is never taken over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete

from app.customers import lookup
from app.customers.changing import Edit, PlainChange, check_key
from app.customers.errors import IntegrationTaken
from app.customers.insertion import insert_mappings
from app.customers.lookup import By, ByIntegration, within
from app.customers.models import IntegrationMapping, IntegrationProvider
from app.customers.tables import MAPPINGS, Customer
from app.errors import Path
from app.events import EventType
from app.identity import Actor
from app.validation import judged


def linked_now(connection: Connection, actor: Actor, customer: Customer) -> dict[str, str]:
    """The customer's ids by provider."""
    links = lookup.integrations_of(connection, actor, [customer.id])
    return {link.provider: link.provider_id for link in links.get(customer.id, ())}


def add_link(connection: Connection, actor: Actor, customer: Customer, provider: str, id: str, path: Path) -> None:
    """Store a link, or tell whose the provider's id is: by the unique constraint itself, whoever races."""
    row = {
        "tenant_id": actor.tenant_id,
        "environment_id": actor.environment_id,
        "customer_id": customer.id,
        "provider": provider,
        "provider_id": id,
    }
    asked = IntegrationProvider(provider)
    while not insert_mappings(connection, [row]):
        if holder := lookup.find(connection, actor, ByIntegration(asked, id)):
            raise IntegrationTaken(path, asked, id, holder)


def remove_link(connection: Connection, actor: Actor, customer: Customer, provider: str) -> None:
    connection.execute(
        delete(MAPPINGS).where(
            within(MAPPINGS, actor), MAPPINGS.c.customer_id == customer.id, MAPPINGS.c.provider == provider
        )
    )


def said(links: Mapping[str, str]) -> dict[str, str] | None:
    """Links as an event tells them."""
    return dict(links) or None


@dataclass(frozen=True, kw_only=True, eq=False)
class Link(PlainChange):
    operation = "linkIntegration"

    mapping: IntegrationMapping

    def asked(self) -> Mapping[str, Any]:
        return self.mapping.model_dump(mode="json")

    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        links = linked_now(connection, self.actor, customer)
        provider, id = self.mapping.provider.value, self.mapping.id
        path: Path = ("mapping",)
        if links.get(provider) == id:
            return None
        if provider in links:
            # Replacing it in passing would lose the only trace of whom the provider bills.
            raise IntegrationTaken(path, self.mapping.provider, links[provider], customer)
        add_link(connection, self.actor, customer, provider, id, path)
        changes = {"integrations": {"before": said(links), "after": said({**links, provider: id})}}
        return Edit(EventType.CUSTOMER_INTEGRATION_LINKED, {}, changes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Unlink(PlainChange):
    operation = "unlinkIntegration"

    provider: IntegrationProvider

    def asked(self) -> Mapping[str, Any]:
        return {"provider": self.provider.value}

    def edit(self, connection: Connection, customer: Customer) -> Edit | None:
        links = linked_now(connection, self.actor, customer)
        if self.provider.value not in links:
            return None
        remove_link(connection, self.actor, customer, self.provider.value)
        rest = {provider: id for provider, id in links.items() if provider != self.provider.value}
        changes = {"integrations": {"before": said(links), "after": said(rest)}}
        return Edit(EventType.CUSTOMER_INTEGRATION_UNLINKED, {}, changes)


def link(
    actor: Actor,
    by: By,
    mapping: Mapping[str, Any],
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Link:
    """The change that links a customer to a provider's id. Linking the same again changes nothing.

    Applying it raises, after what every change can raise, `IntegrationTaken`: when another customer has the id, or
    this one has another id of the provider.
    """
    value = judged(IntegrationMapping, mapping, at=("mapping",), idempotency_key=idempotency_key)
    return Link(actor=actor, by=by, mapping=value, idempotency_key=idempotency_key, expected_version=expected_version)


def unlink(
    actor: Actor,
    by: By,
    provider: IntegrationProvider,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Unlink:
    """The change that takes a provider's id from a customer; without one it changes nothing."""
    check_key(idempotency_key, path=("by",))
    return Unlink(
        actor=actor, by=by, provider=provider, idempotency_key=idempotency_key, expected_version=expected_version
    )
