"""What an operation costs: told when a header asks, and refused beyond the limit."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, get_nullable_type, is_composite_type
from graphql.type import is_introspection_type, is_list_type

from graph.costs import COUNT, LONG, READ, SEARCH, SHARED, STORED, WEIGHTS, WRITE
from graph.limits import DEFAULTS
from graph.schema import schema
from tests.api import Api, mutation

pytestmark = pytest.mark.anyio

PAGE = "customers(first: $n) { nodes { id name } }"
BY = '(by: {id: "a"})'


async def asked(api: Api, query: str, variables: Any = None, **headers: str) -> Any:
    authorization = {"authorization": f"Bearer {api.secret}"}
    body = {"query": query, "variables": variables}
    return (await api.client.post("/graphql", json=body, headers={**authorization, **headers})).json()


async def cost(api: Api, query: str, variables: Any = None) -> int:
    answer = await asked(api, query, variables, **{"x-billfolk-cost": "1"})
    assert answer["extensions"]["cost"]["most"] == DEFAULTS.cost
    return int(answer["extensions"]["cost"]["requested"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 1),
        ("{ viewer { id tenantId } }", 3),
        ("{ viewer { id } again: viewer { id } }", 4),
        (f"{{ customer{BY} {{ id name }} }}", READ + 2),
        (f"{{ customer{BY} {{ id metadata }} }}", READ + 1 + LONG),
        (f"{{ customer{BY} {{ parent {{ id }} }} }}", READ + SHARED + 1),
        (f"{{ customer{BY} {{ ancestors {{ id }} }} }}", READ + SHARED + 9 * 2),
        # A page is multiplied by what is asked for, or by what comes when nothing is.
        ("{ customers(first: 10) { nodes { id name } } }", READ + 1 + 10 * 3),
        ("{ customers(last: 10) { nodes { id name } } }", READ + 1 + 10 * 3),
        ("{ customers { nodes { id name } } }", READ + 1 + 50 * 3),
        ("{ customers(first: null) { nodes { id name } } }", READ + 1 + 50 * 3),
        ("{ customers(first: 10) { edges { cursor node { id } } } }", READ + 1 + 10 * 4),
        ("{ customers(first: 10) { totalCount } }", READ + COUNT),
        ("{ customers(first: 10) { pageInfo { hasNextPage endCursor } } }", READ + 1 + SHARED + 1),
        (
            "{ customers(first: 10) { nodes { children(first: 5) { nodes { id } } } } }",
            READ + 1 + 10 * (1 + SHARED + 5 + 1 + 5 * 2),
        ),
        ('{ customers(first: 1, filter: {search: "a"}) { nodes { id } } }', READ + SEARCH + 3),
        ('{ customers(first: 1, filter: {metadata: {a: "b"}}) { nodes { id } } }', READ + SEARCH + 3),
        ("{ customers(first: 1, filter: {hasParent: true}) { nodes { id } } }", READ + 3),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', READ + 3 * (1 + 2 + 1)),
        ('{ nodes(ids: "a") { id } }', READ + 1 * (1 + 2 + 1)),
        # What merges in the answer counts once; what can't be both counts as the dearer.
        ("{ customers(first: 10) { nodes { id } nodes { id name } } }", READ + 1 + 10 * 3),
        (
            "{ ...A ...B } fragment A on Query { customers(first: 10) { nodes { id } } }"
            " fragment B on Query { customers(first: 10) { nodes { id name } } }",
            READ + 1 + 10 * 3,
        ),
        (
            'mutation { createCustomer(input: {externalId: ""}) { __typename ... on Error { code message }'
            " ... on CreateCustomerSuccess { customer { id name email } replayed } } }",
            WRITE + 1 + 4 + 1,
        ),
        ('{ node(id: "a") { ... on Customer { id name } ... { id } } }', READ + 2),
        # What a directive takes out costs nothing.
        ("{ viewer { id tenantId @skip(if: true) scopes @include(if: true) environmentId @include(if: false) } }", 3),
    ],
)
async def test_an_operation_costs(api: Api, query: str, expected: int) -> None:
    assert await cost(api, query) == expected


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        (f"query($n: Int) {{ {PAGE} }}", {"n": 10}, READ + 1 + 10 * 3),
        (f"query($n: Int) {{ {PAGE} }}", {"n": None}, READ + 1 + 50 * 3),
        (f"query($n: Int) {{ {PAGE} }}", {}, READ + 1 + 50 * 3),
        (f"query($n: Int = 20) {{ {PAGE} }}", {}, READ + 1 + 20 * 3),
        (f"query($n: Int = 20) {{ {PAGE} }}", {"n": 10}, READ + 1 + 10 * 3),
        (
            "query($n: Int) { customers(first: $n) { nodes { children(first: $n) { nodes { id } } } } }",
            {"n": 4},
            READ + 1 + 4 * (1 + SHARED + 4 + 1 + 4 * 2),
        ),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a", "b"]}, READ + 2 * (1 + 2 + 1)),
        ("query($id: ID!) { nodes(ids: [$id, $id]) { id } }", {"id": "a"}, READ + 2 * (1 + 2 + 1)),
        (
            "mutation($rows: [CreateCustomerInput!]!) { createCustomers(inputs: $rows)"
            " { ... on CreateCustomersSuccess { results { index } } } }",
            {"rows": [{"externalId": ""}] * 7},
            WRITE + 7 * STORED + 1 + 7 * 2,
        ),
        (
            "query($f: CustomerFilter) { customers(first: 1, filter: $f) { nodes { id } } }",
            {"f": {"search": "a"}},
            READ + SEARCH + 3,
        ),
        ("query($f: CustomerFilter) { customers(first: 1, filter: $f) { nodes { id } } }", {"f": {}}, READ + 3),
        (
            "query($s: String) { customers(first: 1, filter: {search: $s}) { nodes { id } } }",
            {"s": "a"},
            READ + SEARCH + 3,
        ),
        *(
            (
                "query($a: Boolean!, $b: Boolean! = true) { customers(first: 1) {"
                " totalCount @include(if: $a) totalCount @skip(if: $b) } }",
                variables,
                READ + is_in * COUNT,
            )
            for variables, is_in in (
                ({"a": True}, True),
                ({"a": False}, False),
                ({"a": False, "b": False}, True),
            )
        ),
    ],
)
async def test_variables_decide_what_it_costs(api: Api, query: str, variables: Any, expected: int) -> None:
    assert await cost(api, query, variables) == expected


@pytest.mark.parametrize("n", [True, "10", [10], {"n": 1}, 10.5, -5, 2**80])
async def test_a_variable_that_is_no_number_is_left_to_its_own_error(api: Api, n: Any) -> None:
    answer = await asked(api, f"query($n: Int) {{ {PAGE} }}", {"n": n})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_beyond_the_limit_it_is_refused_with_both_numbers(api: Api) -> None:
    query = "{ customers(first: 100) { nodes { children(first: 100) { nodes { children { nodes { id } } } } } } }"
    requested = READ + 1 + 100 * (1 + SHARED + 100 + 1 + 100 * (1 + SHARED + 50 + 1 + 50 * 2))

    answer = await asked(api, query, **{"x-billfolk-cost": "1"})

    [error] = answer["errors"]
    assert error["extensions"] == {
        "code": "TOO_LARGE",
        "limit": "COST",
        "most": DEFAULTS.cost,
        "requested": requested,
    }
    assert answer["extensions"] == {"cost": {"requested": requested, "most": DEFAULTS.cost}}
    assert "data" not in answer


async def test_the_cost_is_told_to_those_who_ask(api: Api) -> None:
    assert "extensions" not in await asked(api, "{ viewer { id } }")
    assert "extensions" not in await asked(api, "{ viewer { id } }", **{"x-billfolk-cost": "0"})


async def test_the_largest_call_that_the_api_promises_is_within_the_limit(api: Api) -> None:
    # 1,000 rows, and everything of them selected; all of them refused, which is quicker.
    answer = await asked(api, mutation("createCustomers"), {"inputs": [{"externalId": ""}] * 1_000})
    assert len(answer["data"]["createCustomers"]["results"]) == 1_000

    # One more is the API's own to refuse.
    answer = await asked(api, mutation("createCustomers"), {"inputs": [{"externalId": ""}] * 1_001})
    assert answer["data"]["createCustomers"]["fieldErrors"][0]["code"] == "TOO_MANY"


def fields() -> Iterator[tuple[str, Any]]:
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not is_introspection_type(type_):
            yield from ((f"{type_.name}.{name}", field) for name, field in type_.fields.items())


def test_only_fields_of_the_schema_have_weights() -> None:
    assert set(WEIGHTS) - {coordinate for coordinate, _ in fields()} == set()


def test_every_operation_has_a_weight() -> None:
    operations = {name for name, _ in fields() if name.startswith(("Query.", "Mutation."))}
    assert operations - set(WEIGHTS) == set()


def test_the_length_of_every_list_of_objects_is_known() -> None:
    lists = {
        coordinate
        for coordinate, field in fields()
        if is_list_type(get_nullable_type(field.type)) and is_composite_type(get_named_type(field.type))
    }
    sized = {coordinate for coordinate, weight in WEIGHTS.items() if weight.items and not weight.of}
    # Those whose length a field above them knows.
    above = {
        f"{type_}.{below}"
        for coordinate, weight in WEIGHTS.items()
        for type_ in types_of(coordinate)
        for below in weight.of
    }
    assert lists - sized - above == set()


def types_of(coordinate: str) -> list[str]:
    """The types that the field may answer with."""
    [type_] = [get_named_type(field.type) for name, field in fields() if name == coordinate]
    return [one.name for one in getattr(type_, "types", [type_])]
