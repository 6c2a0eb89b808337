"""Many callers at once, whose changes share commits: each is told what it would have been told alone."""

import random
from asyncio import Task, create_task, gather
from asyncio import wait as wait_for
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import pytest

from tests.api import CREATE, Api
from tests.app.test_failover import served
from tests.gates import all_lanes_held, reader_held

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Call:
    """A mutation, and the outcome's type and further fields; with several types, any of them."""

    mutation: str
    arguments: dict[str, Any]
    types: tuple[str, ...]
    told: dict[str, Any] = field(default_factory=dict)


def create(external_id: str, type: str, key: str | None = None, told: Any = None, **input: Any) -> Call:
    arguments = {"input": {"externalId": external_id, **input}, "idempotencyKey": key}
    return Call("createCustomer", arguments, (type,), told or {})


def link(id: str) -> list[dict[str, str]]:
    return [{"provider": "STRIPE", "id": id}]


async def scene(api: Api) -> list[Call]:
    """64 calls, and the customers that they meet."""
    above = await api.created(externalId="level-1")
    for level in range(2, 11):
        above = await api.created(externalId=f"level-{level}", parentCustomerId=above["id"])
    taken = await api.created(externalId="taken", integrationEntityMapping=link("taken"))
    archived = await api.created(externalId="archived")
    await api.mutate("archiveCustomer", by={"externalId": "archived"})
    before = await api.created("before", externalId="before", name="Before")
    for n in range(8):
        await api.created(externalId=f"stored-{n}")
    existing = {"existing": {"id": taken["id"], "externalId": "taken"}}
    success, path, held = "CreateCustomerSuccess", ["input", "externalId"], link("taken")
    return [
        *(create(f"good-{n}", success, told={"replayed": False}) for n in range(10)),
        *(create(f"keyed-{n}", success, f"keyed-{n}", {"replayed": False}) for n in range(6)),
        *(create(f"linked-{n}", success, integrationEntityMapping=link(f"l-{n}")) for n in range(4)),
        *(create(f"child-{n}", success, parentCustomerExternalId="level-9") for n in range(4)),
        *(create("taken", "ExternalIdTaken", f"t-{n}", {**existing, "path": path}) for n in range(4)),
        *(create(f"x-{n}", "IntegrationTaken", None, existing, integrationEntityMapping=held) for n in range(3)),
        *(create(f"x-orphan-{n}", "ParentNotFound", parentCustomerId="nobody") for n in range(3)),
        create("x-archived", "HierarchyConflict", told={"code": "PARENT_ARCHIVED"}, parentCustomerId=archived["id"]),
        create("x-deep", "HierarchyConflict", told={"code": "HIERARCHY_TOO_DEEP"}, parentCustomerId=above["id"]),
        *(create("before", success, "before", {"replayed": True}, name="Before") for _ in range(3)),
        *(create("x-reused", "IdempotencyConflict", "before", name=f"{n}") for n in range(3)),
        *(create(f"x-{n}", "ValidationErrors", email="nobody") for n in range(3)),
        *(create("same", success, "same", {"customer.externalId": "same"}) for _ in range(4)),
        *(Call("createCustomer", {"input": {"externalId": "race"}}, (success, "ExternalIdTaken")) for _ in range(4)),
        *(
            Call("updateCustomer", {"by": {"externalId": f"stored-{n}"}, "patch": {"name": "New"}}, (UPDATED,))
            for n in range(4)
        ),
        Call("updateCustomer", {"by": {"id": before["id"]}, "patch": {"externalId": "taken"}}, ("ExternalIdTaken",)),
        Call("updateCustomer", {"by": {"externalId": "nobody"}, "patch": {"name": "New"}}, ("CustomerNotFound",)),
        Call("archiveCustomer", {"by": {"externalId": "stored-4"}}, ("ArchiveCustomerSuccess",)),
        Call("linkIntegration", {"by": {"externalId": "stored-5"}, "mapping": link("new")[0]}, (LINKED,)),
        Call("linkIntegration", {"by": {"externalId": "stored-6"}, "mapping": link("taken")[0]}, ("IntegrationTaken",)),
        Call("createCustomers", {"inputs": [{"externalId": "m-1"}, {"externalId": "taken"}]}, (MANY,)),
        Call("upsertCustomer", {"input": {"externalId": "stored-7", "name": "New"}}, ("UpsertCustomerSuccess",)),
    ]


UPDATED, LINKED, MANY = "UpdateCustomerSuccess", "LinkIntegrationSuccess", "CreateCustomersSuccess"

EVENTS = "query($by: CustomerBy!) { customer(by: $by) { id version events(first: 9) { nodes { type } } } }"


@pytest.mark.parametrize("seed", range(2))
async def test_each_of_sixty_four_is_told_its_own_outcome(api: Api, seed: int) -> None:
    calls = await scene(api)
    assert len(calls) == 64
    random.Random(seed).shuffle(calls)  # noqa: S311 - no secret

    outcomes = await gather(*(api.mutate(call.mutation, **call.arguments) for call in calls))

    for call, outcome in zip(calls, outcomes, strict=True):
        assert outcome["__typename"] in call.types, (call, outcome)
        for name, expected in call.told.items():
            of, _, inside = name.partition(".")
            assert (outcome[of][inside] if inside else outcome[of]) == expected, (call, outcome)
    told = {
        name: [
            outcome
            for call, outcome in zip(calls, outcomes, strict=True)
            if call.arguments.get("input", {}).get("externalId") == name
        ]
        for name in ("race", "same")
    }
    [winner] = [outcome["customer"]["id"] for outcome in told["race"] if "customer" in outcome]
    assert [outcome["existing"]["id"] for outcome in told["race"] if "existing" in outcome] == [winner] * 3
    assert Counter(outcome["replayed"] for outcome in told["same"]) == {False: 1, True: 3}
    assert len({outcome["customer"]["id"] for outcome in told["same"]}) == 1


async def test_what_was_told_is_what_is_stored(api: Api) -> None:
    calls = await scene(api)
    await gather(*(api.mutate(call.mutation, **call.arguments) for call in calls))

    for external_id in {call.arguments["input"]["externalId"] for call in calls if call.mutation == "createCustomer"}:
        found = (await api.execute(EVENTS, {"by": {"externalId": external_id}}))["customer"]
        if external_id.startswith("x-"):
            assert found is None, external_id
        else:
            assert [event["type"] for event in found["events"]["nodes"]] == ["CUSTOMER_CREATED"], external_id
    for n in range(4):
        changed = (await api.execute(EVENTS, {"by": {"externalId": f"stored-{n}"}}))["customer"]
        assert changed["version"] == 2
        assert [event["type"] for event in changed["events"]["nodes"]] == ["CUSTOMER_UPDATED", "CUSTOMER_CREATED"]
    assert (await api.find(integration=link("taken")[0]))["externalId"] == "taken"
    assert (await api.find(integration=link("new")[0]))["externalId"] == "stored-5"
    # What failed has used up no key.
    assert not (await api.create("t-0", externalId="afterwards"))["replayed"]


async def test_more_than_fit_in_line_are_told_when_to_come_again(own_database: str) -> None:
    async with served(database_url=own_database, database_queue_size=1) as api:
        await api.created(externalId="before")
        async with all_lanes_held(api.database):
            waiting = {create_task(api.post(CREATE, {"input": {"externalId": f"c{n}"}})) for n in range(4)}
            refused: set[Task[httpx.Response]] = set()
            while len(refused) < 3:
                done, waiting = await wait_for(waiting, return_when="FIRST_COMPLETED")
                refused |= done
        [made] = await gather(*waiting)
        afterwards = await api.created(externalId="afterwards")

    for response in (task.result() for task in refused):
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BUSY"]
        assert "data" not in response.json()
    assert (made.status_code, made.json()["data"]["createCustomer"]["__typename"]) == (200, "CreateCustomerSuccess")
    assert afterwards["version"] == 1


async def test_a_refusal_beside_other_data_is_one_fields_error(own_database: str) -> None:
    both = 'query { viewer { id } customer(by: {externalId: "before"}) { id } }'
    async with served(database_url=own_database, database_pool_size=1, database_pool_timeout=0.1) as api:
        await api.created(externalId="before")
        async with reader_held(api.database):
            response = await api.post(both)

    assert response.status_code == 200
    assert response.json()["data"]["viewer"]["id"]
    assert response.json()["data"]["customer"] is None
    assert response.json()["errors"][0]["path"] == ["customer"]
