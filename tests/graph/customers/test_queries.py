"""Reading customers back, and never anybody else's."""

import pytest

from app.identity import Scope
from tests.api import Api

pytestmark = pytest.mark.anyio

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.mark.parametrize(
    "by",
    [
        {"id": "cust_01M820GBEJ0JNFMSS8J2Q70ZWF"},
        {"id": "nonsense"},
        {"id": "cust_\x00"},
        {"id": ""},
        {"externalId": "nobody"},
        {"externalId": "\x00"},
        {"externalId": "\ud800"},
        {"integration": {"provider": "STRIPE", "id": "nobody"}},
        {"integration": {"provider": "STRIPE", "id": "\x00"}},
    ],
)
async def test_what_does_not_exist_is_null(api: Api, by: dict[str, object]) -> None:
    assert await api.find(**by) is None


async def test_another_tenants_customer_is_one_that_does_not_exist(api: Api, other: Api) -> None:
    link = {"provider": "STRIPE", "id": "cus_1"}
    theirs = await other.created(externalId="acme", integrationEntityMapping=[link])

    for by in ({"id": theirs["id"]}, {"externalId": "acme"}, {"integration": link}):
        assert await api.find(**by) is None
    answer = await api.execute("query($id: ID!) { node(id: $id) { id } }", {"id": theirs["id"]})
    assert answer == {"node": None}
    assert await api.execute(NODES, {"ids": [theirs["id"]]}) == {"nodes": [None]}


async def test_another_environment_is_another_world(api: Api) -> None:
    live = Api(api.client, api.database, api.tenant, "live")
    live.secret = await live.key()
    theirs = await live.created(externalId="acme")

    assert await api.find(id=theirs["id"]) is None
    assert (await api.created(externalId="acme"))["id"] != theirs["id"]


async def test_nodes_come_in_the_order_in_which_they_were_asked_for(api: Api) -> None:
    made = [(await api.created(externalId=name))["id"] for name in "abc"]

    asked = [made[2], "nonsense", made[0], made[2], made[1]]
    answer = await api.execute(NODES, {"ids": asked})

    assert [node and node["id"] for node in answer["nodes"]] == [made[2], None, made[0], made[2], made[1]]
    assert {node["__typename"] for node in answer["nodes"] if node} == {"Customer"}


async def test_more_than_a_hundred_nodes_are_refused(api: Api) -> None:
    error = await api.refused(NODES, {"ids": ["x"] * 101})

    assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": ["ids"]}


async def test_reading_needs_its_scope(api: Api) -> None:
    writer = await api.acting(Scope.WRITE)

    for query in ('{ customer(by: {id: "x"}) { id } }', '{ node(id: "x") { id } }'):
        assert (await writer.refused(query))["extensions"]["code"] == "FORBIDDEN"
    response = await writer.post('{ nodes(ids: ["x"]) { id } }')
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("by", ['{id: "a", externalId: "b"}', "{}", "{id: null}"])
async def test_a_customer_is_asked_for_by_exactly_one_id(api: Api, by: str) -> None:
    response = await api.post(f"{{ customer(by: {by}) {{ id }} }}")

    assert "data" not in response.json() or response.json()["data"] is None
    assert {error["extensions"]["code"] for error in response.json()["errors"]} <= {
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
    }
