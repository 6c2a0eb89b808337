"""Walking trees, and what happened to each customer."""

from datetime import timedelta
from typing import Any

import pytest

from app import ids
from tests.api import Api
from tests.graph.customers.lists.population import BEGINNING, store

pytestmark = pytest.mark.anyio

WALK = """query($id: ID!) { customer(by: {id: $id}) {
  descendantCount ancestors { externalId }
  children { totalCount nodes { externalId descendantCount children(first: 1) { nodes { externalId } } } } } }"""

CHILDREN = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { customer(by: {id: $id}) {
  children(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { externalId } } pageInfo { hasNextPage hasPreviousPage } } } }"""

EVENTS = """query($id: ID!, $first: Int, $after: String, $last: Int) { customer(by: {id: $id}) {
  events(first: $first, after: $after, last: $last) {
    totalCount edges { cursor } pageInfo { hasNextPage hasPreviousPage }
    nodes { id type customerVersion actorId createdAt changes { field before after } } } } }"""


async def tree(api: Api) -> dict[str, str]:
    """a above b, c, d (archived); b above e; d above f; e above g. Their ids."""
    above = {"a": None, "b": "a", "c": "a", "d": "a", "e": "b", "f": "d", "g": "e"}
    made = {name: ids.new(ids.CUSTOMER) for name in above}
    await store(
        api,
        [
            {
                "external_id": name,
                "id": made[name],
                "parent_customer_id": made[parent] if parent else None,
                "status": "ARCHIVED" if name == "d" else "PUBLISHED",
                "created_at": BEGINNING + timedelta(seconds=number),
            }
            for number, (name, parent) in enumerate(above.items())
        ],
    )
    return made


async def test_a_tree_is_walked_down_and_up(api: Api, other: Api) -> None:
    made = await tree(api)

    found = {name: (await api.execute(WALK, {"id": made[name]}))["customer"] for name in "aeg"}

    assert found["a"]["ancestors"] == []
    assert found["a"]["descendantCount"] == 5
    assert found["a"]["children"] == {
        "totalCount": 2,
        "nodes": [
            {"externalId": "c", "descendantCount": 0, "children": {"nodes": []}},
            {"externalId": "b", "descendantCount": 2, "children": {"nodes": [{"externalId": "e"}]}},
        ],
    }
    assert [one["externalId"] for one in found["g"]["ancestors"]] == ["e", "b", "a"]
    assert found["e"]["descendantCount"] == 1
    assert (await other.execute(WALK, {"id": made["a"]}))["customer"] is None


async def test_an_archived_ancestor_is_an_ancestor_all_the_same(api: Api) -> None:
    made = await tree(api)

    found = (await api.execute(WALK, {"id": made["f"]}))["customer"]

    assert [one["externalId"] for one in found["ancestors"]] == ["d", "a"]


async def test_children_are_paged_through_in_both_directions(api: Api) -> None:
    [parent] = await store(api, [{"external_id": "parent"}])
    await store(
        api,
        [
            {
                "external_id": f"c{n}",
                "parent_customer_id": parent["id"],
                "created_at": BEGINNING + timedelta(seconds=n // 2),
                "id": f"cust_{n:026}",
            }
            for n in range(7)
        ],
    )

    async def page(**arguments: Any) -> tuple[list[str], list[str], tuple[bool, bool]]:
        found = (await api.execute(CHILDREN, {"id": parent["id"], **arguments}))["customer"]["children"]
        flags = (found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"])
        return [e["node"]["externalId"] for e in found["edges"]], [e["cursor"] for e in found["edges"]], flags

    first, cursors, flags = await page(first=3)
    assert (first, flags) == (["c6", "c5", "c4"], (False, True))
    second, _, flags = await page(first=3, after=cursors[-1])
    assert (second, flags) == (["c3", "c2", "c1"], (True, True))
    last, cursors, flags = await page(last=2)
    assert (last, flags) == (["c1", "c0"], (True, False))
    before, _, flags = await page(last=9, before=cursors[0])
    assert (before, flags) == (["c6", "c5", "c4", "c3", "c2"], (False, True))


async def test_events_tell_what_happened_newest_first_and_field_by_field(api: Api) -> None:
    made = await api.created(externalId="acme", addressCity="Berlin", metadata={"plan": "pro"})
    await api.execute(
        """mutation($id: ID!) { updateCustomer(by: {id: $id}, patch: {addressCity: "Bonn", metadata: {a: "b"}}) {
          __typename } }""",
        {"id": made["id"]},
    )
    link = {"id": made["id"], "mapping": {"provider": "STRIPE", "id": "cus_1"}}
    await api.execute(
        """mutation($id: ID!, $mapping: IntegrationEntityMappingInput!) {
          linkIntegration(by: {id: $id}, mapping: $mapping) { __typename } }""",
        link,
    )
    await api.execute("mutation($id: ID!) { archiveCustomer(by: {id: $id}) { __typename } }", {"id": made["id"]})

    found = (await api.execute(EVENTS, {"id": made["id"]}))["customer"]["events"]

    assert found["totalCount"] == 4
    assert [(event["type"], event["customerVersion"]) for event in found["nodes"]] == [
        ("CUSTOMER_ARCHIVED", 4),
        ("CUSTOMER_INTEGRATION_LINKED", 3),
        ("CUSTOMER_UPDATED", 2),
        ("CUSTOMER_CREATED", 1),
    ]
    archived, linked, updated, created = found["nodes"]
    assert archived["changes"] == [{"field": "status", "before": "PUBLISHED", "after": "ARCHIVED"}]
    assert [change["field"] for change in linked["changes"]] == ["integrations"]
    assert updated["changes"] == [
        {"field": "addressCity", "before": "Berlin", "after": "Bonn"},
        {"field": "metadata", "before": {"plan": "pro"}, "after": {"a": "b"}},
    ]
    assert [change["field"] for change in created["changes"]] == ["addressCity", "externalId", "metadata", "timezone"]
    assert created["id"].startswith("evt_")
    assert created["createdAt"] == made["createdAt"]
    assert {event["actorId"] for event in found["nodes"]} == {made["createdBy"]}


async def test_events_are_paged_through(api: Api) -> None:
    made = await api.created(externalId="acme")
    for name in "abcd":
        await api.execute(
            "mutation($id: ID!, $name: String) { updateCustomer(by: {id: $id}, patch: {name: $name}) { __typename } }",
            {"id": made["id"], "name": name},
        )

    async def page(**arguments: Any) -> Any:
        return (await api.execute(EVENTS, {"id": made["id"], **arguments}))["customer"]["events"]

    first = await page(first=2)
    assert [event["customerVersion"] for event in first["nodes"]] == [5, 4]
    assert first["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    rest = await page(first=3, after=first["edges"][-1]["cursor"])
    assert [event["customerVersion"] for event in rest["nodes"]] == [3, 2, 1]
    assert rest["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}
    assert [event["customerVersion"] for event in (await page(last=2))["nodes"]] == [2, 1]
