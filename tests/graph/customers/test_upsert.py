"""upsertCustomer and createCustomers, from outside."""

from asyncio import gather
from collections import Counter
from typing import Any

import pytest

from tests.api import Api

pytestmark = pytest.mark.anyio

STRIPE, PAYPAL = {"provider": "STRIPE", "id": "s"}, {"provider": "PAYPAL", "id": "p"}


async def test_an_upsert_tells_what_it_found_to_do(api: Api) -> None:
    async def upsert(**input: Any) -> tuple[str, dict[str, Any]]:
        outcome = await api.mutate("upsertCustomer", input={"externalId": "acme", **input})
        return outcome["outcome"], outcome["customer"]

    created = await upsert(name="Acme", email="a@b.test", integrationEntityMapping=[STRIPE])
    same = await upsert(name="Acme ")
    updated = await upsert(email=None, metadata={"a": "1"}, integrationEntityMapping=[PAYPAL])

    assert created[0] == "CREATED"
    assert same == ("UNCHANGED", created[1])
    assert updated[0] == "UPDATED"
    assert (updated[1]["name"], updated[1]["email"], updated[1]["version"]) == ("Acme", None, 2)
    assert updated[1]["integrations"] == [PAYPAL]
    assert (await upsert(integrationEntityMapping=None))[1]["integrations"] == []


async def test_an_upsert_moves_a_customer_and_never_into_a_cycle(api: Api) -> None:
    await api.created(externalId="root")
    below = (await api.mutate("upsertCustomer", input={"externalId": "leaf", "parentCustomerExternalId": "root"}))[
        "customer"
    ]

    cycle = await api.mutate("upsertCustomer", input={"externalId": "root", "parentCustomerId": below["id"]})
    freed = await api.mutate("upsertCustomer", input={"externalId": "leaf", "parentCustomerId": None})

    assert below["parent"]["externalId"] == "root"
    assert (cycle["code"], cycle["path"]) == ("HIERARCHY_CYCLE", ["input", "parentCustomerId"])
    assert freed["customer"]["parent"] is None


async def test_racing_upserts_of_one_external_id_make_one_customer(api: Api) -> None:
    outcomes = await gather(
        *(api.mutate("upsertCustomer", input={"externalId": "acme", "name": f"n{n}"}) for n in range(30))
    )

    assert Counter(o["outcome"] for o in outcomes) == {"CREATED": 1, "UPDATED": 29}
    assert len({o["customer"]["id"] for o in outcomes}) == 1
    assert sorted(o["customer"]["version"] for o in outcomes) == list(range(1, 31))


async def test_a_row_of_many_comes_out_as_it_would_have_alone(api: Api) -> None:
    taken = await api.created(externalId="taken", integrationEntityMapping=[STRIPE])
    inputs = [
        {"externalId": "good"},
        {"externalId": "", "email": "nobody"},
        {"externalId": "good"},
        {"externalId": "child", "parentCustomerExternalId": "good"},
        {"externalId": "early", "parentCustomerExternalId": "late"},
        {"externalId": "taken"},
        {"externalId": "linked", "integrationEntityMapping": [PAYPAL, STRIPE]},
        {"externalId": "linked", "integrationEntityMapping": [PAYPAL]},
        {"externalId": "late"},
        {"externalId": "paypal", "integrationEntityMapping": [PAYPAL]},
    ]

    answer = await api.mutate("createCustomers", inputs=inputs)

    results = [row["result"] for row in answer["results"]]
    assert [row["index"] for row in answer["results"]] == list(range(len(inputs)))
    assert [result["__typename"] for result in results] == [
        "CreateCustomerSuccess",
        "ValidationErrors",
        "ExternalIdTaken",
        "CreateCustomerSuccess",
        "ParentNotFound",
        "ExternalIdTaken",
        "IntegrationTaken",
        "CreateCustomerSuccess",
        "CreateCustomerSuccess",
        "IntegrationTaken",
    ]
    assert [error["path"] for error in results[1]["fieldErrors"]] == [
        ["inputs", "1", "externalId"],
        ["inputs", "1", "email"],
    ]
    assert results[2]["existing"]["id"] == results[0]["customer"]["id"]
    assert results[2]["path"] == ["inputs", "2", "externalId"]
    assert results[3]["customer"]["parent"]["externalId"] == "good"
    assert results[4]["path"] == ["inputs", "4", "parentCustomerExternalId"]
    assert results[5]["existing"]["id"] == taken["id"]
    assert results[6]["path"] == ["inputs", "6", "integrationEntityMapping", "1"]
    assert results[9]["existing"]["id"] == results[7]["customer"]["id"]
    assert await api.find(externalId="late") == results[8]["customer"]


async def test_with_abort_all_are_stored_or_none(api: Api) -> None:
    bad = [{"externalId": "a"}, {"externalId": "a"}, {"externalId": ""}]

    aborted = await api.mutate("createCustomers", inputs=bad, onError="ABORT", idempotencyKey="key")
    stored = await api.find(externalId="a")
    good = await api.mutate("createCustomers", inputs=bad[:1], onError="ABORT", idempotencyKey="key")

    assert [row["result"] and row["result"]["__typename"] for row in aborted["results"]] == [
        None,
        "ExternalIdTaken",
        "ValidationErrors",
    ]
    assert stored is None
    assert not good["replayed"]
    assert good["results"][0]["result"]["__typename"] == "CreateCustomerSuccess"


async def test_many_are_replayed_row_by_row(api: Api) -> None:
    await api.created(externalId="taken", integrationEntityMapping=[STRIPE])
    inputs = [
        {"externalId": "a", "metadata": {"k": "v"}},
        {"externalId": "taken"},
        {"externalId": "\ud800"},
        {"externalId": "b", "integrationEntityMapping": [STRIPE]},
        {"externalId": "c", "parentCustomerId": "nobody"},
    ]
    first = await api.mutate("createCustomers", inputs=inputs, idempotencyKey="key")

    again = await api.mutate("createCustomers", inputs=inputs, idempotencyKey="key")
    other = await api.mutate("createCustomers", inputs=inputs[:1], idempotencyKey="key")

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["results"][1:] == first["results"][1:]
    assert again["results"][0]["result"] == {**first["results"][0]["result"], "replayed": True}
    assert other["__typename"] == "IdempotencyConflict"


async def test_more_than_a_thousand_rows_are_refused_as_data(api: Api) -> None:
    outcome = await api.mutate("createCustomers", inputs=[{"externalId": str(n)} for n in range(1001)])

    [error] = outcome["fieldErrors"]
    assert (error["path"], error["code"]) == (["inputs"], "TOO_MANY")
    assert error["constraint"] == {
        "__typename": "CountConstraint",
        "minItems": 1,
        "maxItems": 1000,
        "actualItems": 1001,
    }


async def test_a_thousand_rows_of_one_name_make_one_customer(api: Api) -> None:
    answer = await api.mutate("createCustomers", inputs=[{"externalId": "same"}] * 1000)

    assert Counter(row["result"]["__typename"] for row in answer["results"]) == {
        "CreateCustomerSuccess": 1,
        "ExternalIdTaken": 999,
    }
