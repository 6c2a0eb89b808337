"""What the contract says a tenant's registry is, in memory: the model that the server is held against.

It is written from the contract and in the API's own names, so that an answer is expected as it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.graph.customers.stateful.values import PERSONAL, STAMPS, Actor, Later, Record, Used


@dataclass
class Registry:
    """A tenant's customers, each a value that is replaced when it changes, by id and oldest first."""

    tenant: str
    environment: str
    customers: dict[Later, Record] = field(default_factory=dict)
    keys: dict[str, Used] = field(default_factory=dict)

    def published(self, external_id: str) -> Record | None:
        found = [c for c in self.customers.values() if (c["status"], c["externalId"]) == ("PUBLISHED", external_id)]
        assert len(found) < 2
        return found[0] if found else None

    def linked(self, provider: str, id: str) -> Record | None:
        return next((c for c in self.customers.values() if c["integrations"].get(provider) == id), None)

    def find(self, by: Mapping[str, Any]) -> Record | None:
        """The customer in any status, but by external id a published one."""
        if link := by.get("integration"):
            return self.linked(link["provider"], link["id"])
        if "externalId" in by:
            return self.published(by["externalId"])
        return next((c for id, c in self.customers.items() if id.value == by["id"]), None)

    def find_archived(self, by: Mapping[str, Any]) -> Record | None:
        """As `find`, but by external id also an archived one: the last of them."""
        archived = [c for c in self.customers.values() if c["status"] == "ARCHIVED"]
        named = sorted((c for c in archived if c["externalId"] == by.get("externalId")), key=lambda c: c["turn"])
        return self.find(by) or (named[-1] if named else None)

    def line(self, customer: Record) -> list[Record]:
        """From the customer up to its root, itself first."""
        above = self.customers.get(customer["parentCustomerId"])
        return [customer, *(self.line(above) if above else ())]

    def children(self, customer: Record) -> list[Record]:
        return [c for c in self.customers.values() if c["parentCustomerId"] is customer["id"]]

    def below(self, customer: Record) -> list[Record]:
        """All on every level below."""
        return [one for child in self.children(customer) for one in (child, *self.below(child))]

    def height(self, customer: Record) -> int:
        return 1 + max((self.height(child) for child in self.children(customer)), default=0)

    def view(self, customer: Record) -> Record:
        """The customer as the API shows it."""
        parent = self.customers.get(customer["parentCustomerId"])
        return {
            **{name: customer[name] for name in (*PERSONAL, *STAMPS)},
            "tenantId": self.tenant,
            "environmentId": self.environment,
            "parent": parent and {"id": parent["id"], "externalId": parent["externalId"]},
            "integrations": [{"provider": p, "id": id} for p, id in sorted(customer["integrations"].items())],
        }

    def add(self, details: Record, actor: Actor, integrations: Record, parent: Record | None) -> Record:
        at = Later()
        customer = {
            **details,
            "id": Later(),
            "parentCustomerId": parent and parent["id"],
            "integrations": integrations,
            "status": "PUBLISHED",
            "version": 1,
            "createdAt": at,
            "updatedAt": at,
            "createdBy": actor.id,
            "updatedBy": actor.id,
        }
        told = (*PERSONAL, "parentCustomerId", "integrations")
        changes = {name: {"before": None, "after": customer[name]} for name in told if customer[name]}
        return self._keep(customer, "CREATED", changes)

    def edit(self, customer: Record, type: str, new: Record, actor: Actor) -> Record:
        """The customer with new values; what has them already does not change, and leaves no trace."""
        differing = [name for name in new if (customer[name] or None) != (new[name] or None)]
        if not differing:
            return customer
        changes = {name: {"before": customer[name] or None, "after": new[name] or None} for name in differing}
        stamped = {"version": customer["version"] + 1, "updatedAt": Later(), "updatedBy": actor.id}
        return self._keep({**customer, **new, **stamped}, type, changes)

    def _keep(self, customer: Record, type: str, changes: Record) -> Record:
        event = {
            "type": f"CUSTOMER_{type}",
            "customerVersion": customer["version"],
            "actorId": customer["updatedBy"],
            "createdAt": customer["updatedAt"],
            "changes": [{"field": name, **change} for name, change in sorted(changes.items())],
        }
        customer["events"] = [event, *customer.get("events", ())]
        customer["turn"] = 1 + max((c["turn"] for c in self.customers.values()), default=0)
        self.customers[customer["id"]] = customer
        return customer
