"""Each limit: as much as is allowed passes, and one more is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
from graphql import get_introspection_query

from app.settings.limits import LimitSettings
from graph.limits import DEFAULTS
from tests.api import Api
from tests.graph.limits.attacks import ATTACKS, LEAVES
from tests.test_readme import code, table

pytestmark = pytest.mark.anyio

BY = '(by:{id:"a"})'


def leaves() -> Iterator[str]:
    """Different fields without end, each once in its selection: twenty to a customer, then its parent's."""
    while True:
        yield from LEAVES.split()
        yield "parent{"


def customer(fields: int) -> str:
    """So many fields, in some levels."""
    found = list(islice(leaves(), fields))
    return f"customer{BY}{{{' '.join(found)}{' id' if found[-1] == 'parent{' else ''}{'}' * found.count('parent{')}}}"


def with_fields(count: int) -> str:
    """A document of so many fields: twenty customers with 50 each, and one may have one more."""
    return "{" + " ".join(f"a{n}:{customer(49 + (n < count - 1000))}" for n in range(20)) + "}"


@dataclass(frozen=True)
class Case:
    most: int
    document: Callable[[int], str]
    name: str | None = None


CASES = {
    "LENGTH": Case(DEFAULTS.length, lambda n: "{viewer{id}}".ljust(n)),
    "TOKENS": Case(DEFAULTS.tokens, lambda n: "#\n" * (n - 6) + "{viewer{id}}"),
    "OPERATIONS": Case(DEFAULTS.operations, lambda n: "".join(f"query Q{i}{{viewer{{id}}}}" for i in range(n)), "Q0"),
    "DEPTH": Case(DEFAULTS.depth, lambda n: f"{{customer{BY}{{{'parent{' * (n - 2)}id{'}' * n}"),
    "FIELDS": Case(DEFAULTS.fields, with_fields),
    "ROOT_FIELDS": Case(DEFAULTS.root_fields, lambda n: "{" + "".join(f"a{i}:viewer{{id}}" for i in range(n)) + "}"),
    "ALIASES": Case(DEFAULTS.aliases, lambda n: "{viewer{" + " ".join(f"a{i}:id" for i in range(n)) + "}}"),
    "DIRECTIVES": Case(
        DEFAULTS.directives, lambda n: "{viewer{" + " ".join(f"a{i}:id@include(if:true)" for i in range(n)) + "}}"
    ),
}


async def asked(api: Api, query: str, name: str | None = None, variables: Any = None) -> Any:
    body = {"query": query, "operationName": name, "variables": variables}
    headers = {"authorization": f"Bearer {api.secret}", "accept": "application/graphql-response+json"}
    response = await api.client.post("/graphql", json=body, headers=headers)
    answer = response.json()
    assert response.status_code == (400 if "errors" in answer else 200)
    return answer


@pytest.mark.parametrize("limit", CASES)
async def test_as_much_as_is_allowed_passes_and_one_more_is_refused(api: Api, limit: str) -> None:
    case = CASES[limit]
    assert "errors" not in await asked(api, case.document(case.most), case.name)

    [error] = (await asked(api, case.document(case.most + 1), case.name))["errors"]

    assert error["extensions"] == {"code": "TOO_LARGE", "limit": limit, "most": case.most}
    assert str(case.most) in error["message"]


@pytest.mark.parametrize("limit", ["DEPTH", "ROOT_FIELDS", "ALIASES", "DIRECTIVES"])
async def test_fragments_hide_nothing(api: Api, limit: str) -> None:
    case = CASES[limit]
    assert "errors" not in await asked(api, hidden(case.document(case.most)))

    [error] = (await asked(api, hidden(case.document(case.most + 1))))["errors"]

    assert error["extensions"] == {"code": "TOO_LARGE", "limit": limit, "most": case.most}


def hidden(query: str) -> str:
    return f"{{...{{...F}}}} fragment F on Query{query}"


async def test_the_same_field_twice_at_the_root_is_one(api: Api) -> None:
    assert "errors" not in await asked(api, "{" + "viewer{id}" * 40 + "}")


async def test_fields_of_one_name_may_be_compared_so_often(api: Api) -> None:
    # A hundred of them make 4,950 pairs, and a pair is two comparisons.
    assert "errors" not in await asked(api, "{viewer{" + "id " * 100 + "}}")

    [error] = (await asked(api, "{viewer{" + "id " * 101 + "}}"))["errors"]

    assert error["extensions"] == {"code": "TOO_LARGE", "limit": "COMPARISONS", "most": DEFAULTS.comparisons}


async def test_a_page_of_twenty_components_with_a_fragment_each_passes(api: Api) -> None:
    names = [f"Component{n}" for n in range(20)]
    spreads = " ".join(f"...{name}" for name in names)
    fragments = " ".join(f"fragment {name} on Customer {{ id externalId name status email }}" for name in names)

    assert "errors" not in await asked(api, f"{{ customers(first: 10) {{ nodes {{ {spreads} }} }} }} {fragments}")


async def test_values_are_counted_in_all_lists_and_objects(api: Api) -> None:
    query = "query($filter: CustomerFilter) { customers(filter: $filter) { nodes { id } } }"

    def variables(values: int) -> Any:
        return {"filter": {"id": {"in": ["a"] * 10}}, "unknown": [None] * (values - 22)}

    assert "errors" not in await asked(api, query, variables=variables(DEFAULTS.values))

    [error] = (await asked(api, query, variables=variables(DEFAULTS.values + 1)))["errors"]

    assert error["extensions"] == {"code": "TOO_LARGE", "limit": "VALUES", "most": DEFAULTS.values}


@pytest.mark.parametrize("newer", [False, True])
async def test_the_introspection_of_every_client_passes(api: Api, newer: bool) -> None:
    query = get_introspection_query(
        specified_by_url=newer, directive_is_repeatable=newer, schema_description=newer, input_value_deprecation=newer
    )
    assert (await asked(api, query))["data"]["__schema"]["types"]


def test_a_depth_that_would_overflow_the_stack_can_not_be_set() -> None:
    with pytest.raises(ValueError, match="less than or equal to 50"):
        LimitSettings(max_depth=51)


def test_every_limit_is_in_the_readme_with_its_setting_and_has_an_attack() -> None:
    described = {code(limit)[0]: code(setting)[0] for limit, setting, _ in table("`extensions.limit`")}
    settings = {f"BILLFOLK_{name.upper()}" for name in LimitSettings.model_fields if name.startswith("max_")}

    assert set(described.values()) == settings - {"BILLFOLK_MAX_BODY_BYTES"}
    assert set(CASES) | {"COMPARISONS", "VALUES", "COST"} == set(described)
    assert {attack.refused for attack in ATTACKS.values()} >= set(described)
