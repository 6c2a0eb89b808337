"""Introspection, suggestions and GraphiQL: switched off, they are off."""

import re
from typing import Any

import pytest
from graphql import get_introspection_query

from tests.api import Api
from tests.graph.limits.serving import served

pytestmark = pytest.mark.anyio

ASSETS = ["graphiql.min.js", "page.js", "icon.svg"]
CREATE = "mutation($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }"

# Mistakes near to a name of the schema, which is not among what was sent: every place that knows names of its own.
NEAR = [
    ("{ viewe { id } }", {}, "viewer"),
    ("{ viewer { tenantI } }", {}, "tenantId"),
    ('{ node(id: "a") { externalId } }', {}, "Customer"),
    ('{ customer(bi: {id: "a"}) { id } }', {}, None),
    ("{ customers(firs: 1) { nodes { id } } }", {}, "first"),
    ("{ viewer { id @include(iff: true) } }", {}, None),
    ("{ viewer { id @includ(if: true) } }", {}, None),
    ("{ viewer { ... on Viewe { id } } }", {}, None),
    ("query($a: CustomerFilte) { customers(filter: $a) { nodes { id } } }", {}, "CustomerFilter"),
    ("{ customers(filter: {externalI: {eq: 1}}) { nodes { id } } }", {}, "externalId"),
    ('{ customers(filter: {status: {eq: PUBLISHE}}) { nodes { id } } }', {}, "PUBLISHED"),
    ("{ customers(orderBy: {field: CREATED, direction: ASC}) { nodes { id } } }", {}, "CREATED_AT"),
    ("{ customer(by: {}) { id } }", {}, "externalId"),
    ("{ viewer }", {}, None),
    (CREATE, {"input": {"externalId": "a", "emai": "a"}}, "email"),
    (CREATE, {"input": {"externalId": "a", "integrationEntityMapping": [{"provider": "STRIP", "id": "a"}]}}, "STRIPE"),
    ("query($by: CustomerBy!) { customer(by: $by) { id } }", {"by": {}}, "externalId"),
]  # fmt: skip


async def messages(api: Api, query: str, variables: Any) -> list[str]:
    return [error["message"] for error in (await api.post(query, variables)).json()["errors"]]


@pytest.mark.parametrize(("query", "variables", "name"), NEAR)
async def test_suggestions_tell_names_and_switched_off_none_that_was_not_sent(
    api: Api, database_url: str, query: str, variables: Any, name: str | None
) -> None:
    told = " ".join(await messages(api, query, variables))
    assert name is None or re.search(rf"\b{name}\b", told)

    async with served(database_url, suggestions=False) as silent:
        told = " ".join(await messages(silent, query, variables))

    assert "Did you mean" not in told
    assert name is None or not re.search(rf"\b{name}\b", told)


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Customer") { name } }',
        "{ viewer { id } hidden: __schema { types { name } } }",
        "{ ... { ... on Query { ...F } } } fragment F on Query { __schema { types { name } } }",
        "{ __schema @skip(if: true) { types { name } } }",
        get_introspection_query(),
    ],
)
async def test_without_introspection_no_client_reads_the_schema(database_url: str, query: str) -> None:
    async with served(database_url, introspection=False) as api:
        response = await api.post(query)

    [error] = response.json()["errors"]
    assert error["message"] == "This server does not show its schema."
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in response.json()


async def test_without_introspection_typename_still_tells_the_type(database_url: str) -> None:
    async with served(database_url, introspection=False) as api:
        assert await api.execute("{ __typename viewer { __typename } }") == {
            "__typename": "Query",
            "viewer": {"__typename": "Viewer"},
        }


async def test_without_graphiql_a_browser_gets_no_page_and_none_of_its_assets(api: Api, database_url: str) -> None:
    page = {"accept": "text/html"}
    assert (await api.client.get("/graphql", headers=page)).status_code == 200
    assert [(await api.client.get(f"/graphiql/{name}")).status_code for name in ASSETS] == [200, 200, 200]

    async with served(database_url, graphiql=False) as other:
        assert (await other.client.get("/graphql", headers=page)).status_code == 406
        assert [(await other.client.get(f"/graphiql/{name}")).status_code for name in ASSETS] == [404, 404, 404]
        assert (await other.execute("{ __typename }")) == {"__typename": "Query"}


async def test_limits_are_settings(database_url: str) -> None:
    async with served(database_url, max_depth=2, max_cost=1000) as api:
        deep = await api.refused('{ customer(by: {id: "a"}) { parent { id } } }')
        dear = await api.refused('{ customers(filter: {search: "a"}) { totalCount } }')

    assert deep["extensions"] == {"code": "TOO_LARGE", "limit": "DEPTH", "most": 2}
    assert dear["extensions"] == {"code": "TOO_LARGE", "limit": "COST", "most": 1000, "requested": 1300}
