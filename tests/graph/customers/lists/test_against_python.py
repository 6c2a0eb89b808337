"""Any list, read in any pages, is what plain Python makes of the same customers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.customers.listing import pages, search
from app.database import Database
from app.texts import WHITE_SPACE
from tests.api import Api
from tests.graph.customers.lists.population import BEGINNING, store
from tests.graph.customers.lists.reading import listed, total
from tests.graph.customers.lists.reference import ordered

pytestmark = pytest.mark.anyio

# Scripts, cases that fold to more than one character, marks that combine, and all that a pattern could stumble over.
WORDS = [
    *("Ada", "ADA", "ada lovelace"),
    *("Straße", "STRASSE", "\u017ftraße", "İstanbul", "\u0131stanbul", "ΣΊΣΥΦΟΣ", "Σίσυφος", "ﬁn"),
    *(
        "Ёлка",
        "ёЛКА",
        "田中さん",
        "田中",
        "한글",
        "שלום",
        "سلام",
        "नमस्ते",
        "Å",
        "Å",
        "A\u030a",
        "\u212bngström",
        "😀😃",
        "𐐀𐐨",
    ),
    *("100%", "a_b", "a%b", "back\\slash", 'quo"te', "o'neil", "AND OR NOT", "NEAR(a b)", "*", "x-y", "(a)", "\u3000x"),
]
COUNTRIES = ["DE", "FR", "XK"]
STAGES = ["PUBLISHED", "PUBLISHED", "ARCHIVED", "DELETED"]
PAIRS = [{"plan": "pro"}, {"plan": "free"}, {"plan": "pro", 'a"b\\': "ü'"}, {'a"b\\': "ü'", "n": ""}, {}]

printable = st.characters(exclude_categories=["Cs", "Cc"])
texts = st.one_of(st.sampled_from(WORDS), st.text(printable, min_size=1, max_size=6)).map(
    lambda t: t.strip(WHITE_SPACE)
)
moments = st.integers(0, 5).map(lambda n: BEGINNING + timedelta(microseconds=n))

customers = st.fixed_dictionaries(
    {
        "name": st.none() | texts.map(lambda text: text or None),
        "email": st.none() | st.sampled_from(["ada@example.com", "ADA@example.com", "ünï@exämple.test", "a_b%@x.test"]),
        "external_id": texts,
        "address_country": st.none() | st.sampled_from(COUNTRIES),
        "metadata_": st.sampled_from(PAIRS),
        "status": st.sampled_from(STAGES),
        "created_at": moments,
        "updated_at": moments,
        "parent": st.none() | st.integers(0, 30),
    }
)


def among(values: Any) -> Any:
    """`eq` or `in`."""
    return st.one_of(values.map(lambda one: {"eq": one}), st.lists(values, max_size=4).map(lambda some: {"in": some}))


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, str]:
    low, high = sorted((draw(moments), draw(moments)))
    if low == high:
        return {"gte": low.isoformat(), "lte": high.isoformat()}
    ends = {
        draw(st.sampled_from(["gte", "gt"])): low.isoformat(),
        draw(st.sampled_from(["lte", "lt"])): high.isoformat(),
    }
    kept = draw(st.sets(st.sampled_from(sorted(ends)), min_size=1))
    return {name: end for name, end in ends.items() if name in kept}


@st.composite
def searches(draw: st.DrawFn, rows: list[dict[str, Any]]) -> str:
    """A part of what somebody has, in some case; seldom anything."""
    held = [row[key] for row in rows for key in ("name", "email", "external_id") if row[key]]
    seldom = draw(st.integers(0, 5)) == 0
    text: str = draw(texts if seldom or not held else st.sampled_from(held))
    start = draw(st.integers(0, max(len(text) - 1, 0)))
    part = text[start : start + draw(st.integers(1, 14))]
    cases: list[Callable[[str], str]] = [str, str.upper, str.lower, str.swapcase, str.casefold]
    changed = draw(st.sampled_from(cases))(part)
    return changed.strip(WHITE_SPACE) or "a"


@st.composite
def filters(draw: st.DrawFn, rows: list[dict[str, Any]]) -> dict[str, Any]:
    def some(column: str) -> Any:
        return among(st.sampled_from([row[column] for row in rows if row[column]] or ["nobody"]) | texts)

    kinds: dict[str, Any] = {
        "search": searches(rows),
        "id": some("id"),
        "externalId": some("external_id"),
        "email": some("email"),
        "addressCountry": among(st.sampled_from([*COUNTRIES, "de"])),
        "status": among(st.sampled_from(STAGES)),
        "parentCustomerId": some("parent_customer_id"),
        "hasParent": st.booleans(),
        "createdAt": ranges(),
        "updatedAt": ranges(),
        "metadata": st.sampled_from(PAIRS[:-1]),
    }
    names = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=2, unique=True))
    return {name: draw(kinds[name]) for name in names}


orders = st.none() | st.fixed_dictionaries(
    {
        "field": st.sampled_from(["CREATED_AT", "UPDATED_AT", "NAME"]),
        "direction": st.sampled_from(["ASC", "DESC"]),
    }
)


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Customers, with distinct external ids and parents that come before them; and questions about them."""
    rows: list[dict[str, Any]] = []
    several: st.SearchStrategy[list[dict[str, Any]]] = st.lists(customers, min_size=8, max_size=24) | st.just([])
    for number, customer in enumerate(draw(several)):
        above, external_id = customer.pop("parent"), f"{customer.pop('external_id')}{number}"
        parent = rows[above]["id"] if above is not None and above < number else None
        own = {"id": f"cust_{number:026}", "external_id": external_id, "parent_customer_id": parent}
        rows.append({**customer, **own})
    questions = st.fixed_dictionaries(
        {"filter": filters(rows), "orderBy": orders, "size": st.integers(1, 7), "backward": st.booleans()}
    )
    return rows, draw(st.lists(questions, min_size=4, max_size=4))


async def check(api: Api, rows: list[dict[str, Any]], questions: list[dict[str, Any]]) -> None:
    await store(api, rows)
    for question in questions:
        expected = ordered(rows, question["filter"], question["orderBy"])

        assert await listed(api, **question) == expected
        assert await total(api, question["filter"]) == len(expected)


@pytest.fixture(params=["long steps", "short steps"])
def steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With steps of three customers, a few are as many as a million; and any tenant is a large one."""
    if request.param == "short steps":
        monkeypatch.setattr(pages, "SAMPLE", 3)
        monkeypatch.setattr(pages, "FEW", 2)
        monkeypatch.setattr(search, "LARGE", 0.0)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenario=scenarios())
@pytest.mark.usefixtures("steps")
async def test_a_list_is_what_python_makes_of_it(
    client: httpx.AsyncClient, database: Database, scenario: tuple[list[dict[str, Any]], list[dict[str, Any]]]
) -> None:
    await check(await Api(client, database).acting(), *scenario)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios())
@pytest.mark.usefixtures("steps")
async def test_ever_more_lists_are_what_python_makes_of_them(
    client: httpx.AsyncClient, database: Database, scenario: tuple[list[dict[str, Any]], list[dict[str, Any]]]
) -> None:
    await check(await Api(client, database).acting(), *scenario)
