"""What creating, updating and upserting do to the model. What is wrong is raised before anything changes."""

from tests.graph.customers.stateful import rules
from tests.graph.customers.stateful.registry import Registry
from tests.graph.customers.stateful.values import Actor, Record, Refused

DEEPEST = 10

Path = tuple[str, ...]


def version_is_expected(sent: Record, customer: Record) -> None:
    expected = sent.get("expectedVersion")
    if expected not in (None, customer["version"]):
        path, current = ("expectedVersion",), ("current", customer)
        raise Refused("VersionConflict", "VERSION_CONFLICT", path, current, expectedVersion=expected)


def alive(customer: Record | None) -> Record:
    if customer is None or customer["status"] == "DELETED":
        raise Refused("CustomerNotFound", "NOT_FOUND", ("by",))
    return customer


def changeable(registry: Registry, sent: Record) -> Record:
    customer = alive(registry.find(sent["by"]))
    if customer["status"] == "ARCHIVED":
        raise Refused("CustomerArchived", "CUSTOMER_ARCHIVED", ("by",))
    version_is_expected(sent, customer)
    return customer


def name_is_free(registry: Registry, external_id: str, path: Path) -> None:
    if holder := registry.published(external_id):
        raise Refused("ExternalIdTaken", "EXTERNAL_ID_TAKEN", path, ("existing", holder))


def link_is_free(registry: Registry, provider: str, id: str, path: Path) -> None:
    if holder := registry.linked(provider, id):
        existing = ("existing", holder)
        raise Refused("IntegrationTaken", "INTEGRATION_TAKEN", path, existing, provider=provider, id=id)


def parent_of(registry: Registry, given: Record, at: Path, child: Record | None = None) -> Record | None:
    """Who is to stand above, by whichever id was given; None to be a root."""
    name = next((name for name in rules.BOTH if given.get(name)), None)
    if name is None:
        return None
    parent = registry.find({"id" if name == "parentCustomerId" else "externalId": given[name]})
    if parent and child and parent["id"] is child["parentCustomerId"]:
        return parent
    if parent is None or parent["status"] == "DELETED":
        raise Refused("ParentNotFound", "PARENT_NOT_FOUND", (*at, name))
    line = registry.line(parent)
    conflict = None
    if parent["status"] != "PUBLISHED":
        conflict = "PARENT_ARCHIVED"
    elif child and any(one["id"] is child["id"] for one in line):
        conflict = "HIERARCHY_CYCLE"
    elif len(line) + (registry.height(child) if child else 1) > DEEPEST:
        conflict = "HIERARCHY_TOO_DEEP"
    if conflict:
        raise Refused("HierarchyConflict", conflict, (*at, name))
    return parent


def create(registry: Registry, actor: Actor, input: Record, at: Path = ("input",)) -> Record:
    parent = parent_of(registry, input, at)
    name_is_free(registry, input["externalId"], (*at, "externalId"))
    links = rules.links(input)
    for index, (provider, id) in enumerate(links.items()):
        link_is_free(registry, provider, id, (*at, "integrationEntityMapping", str(index)))
    return registry.add(rules.whole(input), actor, links, parent)


def update(registry: Registry, actor: Actor, sent: Record) -> Record:
    customer, patch = changeable(registry, sent), sent["patch"]
    new = rules.details(patch)
    if "metadataPatch" in patch:
        merged = customer["metadata"] | patch["metadataPatch"]
        new["metadata"] = {key: value for key, value in merged.items() if value is not None}
    if new.get("externalId", customer["externalId"]) != customer["externalId"]:
        name_is_free(registry, new["externalId"], ("patch", "externalId"))
    return registry.edit(customer, "UPDATED", new, actor)


def upsert(registry: Registry, actor: Actor, sent: Record) -> tuple[Record, Record]:
    input = sent["input"]
    customer = registry.published(input["externalId"])
    if customer is None:
        if sent.get("expectedVersion") is not None:
            raise Refused("CustomerNotFound", "NOT_FOUND", ("input", "externalId"))
        return create(registry, actor, input), {"outcome": "CREATED"}
    version_is_expected(sent, customer)
    new = rules.details(input)
    if any(name in input for name in rules.BOTH):
        parent = parent_of(registry, input, ("input",), customer)
        new["parentCustomerId"] = parent and parent["id"]
    if "integrationEntityMapping" in input:
        new["integrations"] = rules.links(input)
        for index, (provider, id) in enumerate(new["integrations"].items()):
            if customer["integrations"].get(provider) != id:
                path = ("input", "integrationEntityMapping", str(index))
                link_is_free(registry, provider, id, path)
    changed = registry.edit(customer, "UPDATED", new, actor)
    return changed, {"outcome": "UNCHANGED" if changed is customer else "UPDATED"}
