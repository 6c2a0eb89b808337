"""What archiving, restoring, moving, linking and erasing do to the model."""

from tests.graph.customers.stateful import rules
from tests.graph.customers.stateful.registry import Registry
from tests.graph.customers.stateful.values import PERSONAL, Actor, Record, Refused
from tests.graph.customers.stateful.verbs import (
    alive,
    changeable,
    link_is_free,
    name_is_free,
    parent_of,
    version_is_expected,
)


def archive(registry: Registry, actor: Actor, sent: Record) -> Record:
    return registry.edit(changeable(registry, sent), "ARCHIVED", {"status": "ARCHIVED"}, actor)


def restore(registry: Registry, actor: Actor, sent: Record) -> Record:
    customer = alive(registry.find_archived(sent["by"]))
    if customer["status"] != "ARCHIVED":
        raise Refused("CustomerNotArchived", "NOT_ARCHIVED", ("by",))
    version_is_expected(sent, customer)
    name_is_free(registry, customer["externalId"], ("by",))
    return registry.edit(customer, "RESTORED", {"status": "PUBLISHED"}, actor)


def move(registry: Registry, actor: Actor, sent: Record) -> Record:
    customer = changeable(registry, sent)
    parent = parent_of(registry, sent, (), customer)
    return registry.edit(customer, "PARENT_CHANGED", {"parentCustomerId": parent and parent["id"]}, actor)


def link(registry: Registry, actor: Actor, sent: Record) -> Record:
    customer = changeable(registry, sent)
    provider, id = sent["mapping"]["provider"], sent["mapping"]["id"]
    # Its own other id of the provider is in the way too, and is the one that is told.
    held = customer["integrations"].get(provider, id)
    if held != id or provider not in customer["integrations"]:
        link_is_free(registry, provider, held, ("mapping",))
    links = {**customer["integrations"], provider: id}
    return registry.edit(customer, "INTEGRATION_LINKED", {"integrations": links}, actor)


def unlink(registry: Registry, actor: Actor, sent: Record) -> Record:
    customer = changeable(registry, sent)
    rest = {provider: id for provider, id in customer["integrations"].items() if provider != sent["provider"]}
    return registry.edit(customer, "INTEGRATION_UNLINKED", {"integrations": rest}, actor)


def erase(registry: Registry, actor: Actor, sent: Record) -> tuple[Record, Record]:
    customer = alive(registry.find_archived(sent["by"]))
    if sent["confirmExternalId"] != customer["externalId"]:
        raise rules.invalid([(("confirmExternalId",), "INVALID_CHOICE")], ("confirmExternalId",))
    version_is_expected(sent, customer)
    past = [{**event, "changes": redacted(event["changes"])} for event in customer["events"]]
    receipt = {
        "customerId": customer["id"],
        "erasedBy": actor.id,
        "fields": [name for name in PERSONAL if customer[name]],
        "redactedEvents": sum(any(change["field"] in PERSONAL for change in event["changes"]) for event in past),
    }
    erased = registry.edit(customer, "ERASED", {"status": "DELETED"}, actor)
    erased.update(rules.whole({"externalId": customer["id"]}))
    erased["events"] = [erased["events"][0], *past]
    return erased, {"receipt": {**receipt, "erasedAt": erased["updatedAt"]}}


def redacted(changes: list[Record]) -> list[Record]:
    """Which fields changed is still told, but not from what to what."""
    nothing = {"before": None, "after": None}
    return [{**change, **nothing} if change["field"] in PERSONAL else change for change in changes]
