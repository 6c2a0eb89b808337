"""Everything that a tenant can read, held against its model."""

from dataclasses import dataclass

from tests.api import Api
from tests.graph.customers.stateful.calls import EXTERNAL_IDS, LINKS, LOOK
from tests.graph.customers.stateful.registry import Registry
from tests.graph.customers.stateful.values import Actor, Record

NOBODY = "cust_01M820GBEJ0JNFMSS8J2Q70ZWF"


@dataclass
class Tenant:
    registry: Registry
    apis: list[Api]
    actors: list[Actor]


async def look(player: Tenant, other: Tenant, turn: int) -> None:
    """What is read is what the model holds: nothing else, and nothing of the other tenant's."""
    registry, api = player.registry, player.apis[0]
    own, foreign = ([str(id) for id in one.registry.customers] for one in (player, other))
    assert len({*own, *foreign}) == len(own) + len(foreign)
    ids = [*own, *foreign, NOBODY]
    # All by their ids; by the other names, which are the same in both tenants, one in turn.
    by = {"externalId": EXTERNAL_IDS[turn % len(EXTERNAL_IDS)], "integration": LINKS[turn % len(LINKS)]}
    one = ids[turn % len(ids)]

    answer = await api.execute(LOOK, {"ids": ids, "id": one, **by})

    views = {str(id): in_full(registry, customer) for id, customer in registry.customers.items()}
    published = [customer for customer in registry.customers.values() if customer["status"] == "PUBLISHED"]
    named, linked = registry.find({"externalId": by["externalId"]}), registry.find({"integration": by["integration"]})
    assert answer == {
        "nodes": [views.get(id) for id in ids],
        "customers": {"totalCount": len(published), "nodes": newest_first(published)},
        "node": {"id": one} if one in views else None,
        "byId": views.get(one) and {name: views[one][name] for name in answer["byId"] or ()},
        "byExternalId": named and {"id": named["id"]},
        "byIntegration": linked and {"id": linked["id"]},
    }


def in_full(registry: Registry, customer: Record) -> Record:
    """The customer with its relatives and its history."""
    children = [child for child in registry.children(customer) if child["status"] == "PUBLISHED"]
    return {
        **registry.view(customer),
        "ancestors": [{"id": one["id"]} for one in registry.line(customer)[1:]],
        "children": {"nodes": newest_first(children)},
        "descendantCount": sum(one["status"] == "PUBLISHED" for one in registry.below(customer)),
        "events": {"nodes": customer["events"]},
    }


def newest_first(customers: list[Record]) -> list[Record]:
    return [{"id": customer["id"]} for customer in reversed(customers)]
