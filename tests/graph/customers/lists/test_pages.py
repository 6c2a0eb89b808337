"""Pages: where they begin and end, and what is no page."""

from datetime import timedelta
from typing import Any

import pytest

from app.identity import Scope
from tests.api import Api
from tests.graph.customers.lists.population import BEGINNING, store
from tests.graph.customers.lists.reading import LIST, listed, page, total

pytestmark = pytest.mark.anyio

BY_NAME = {"field": "NAME", "direction": "ASC"}
FLAGS = """query($first: Int, $after: String, $last: Int, $before: String) {
  customers(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def seven(api: Api) -> list[str]:
    """Their ids, newest first."""
    rows = await store(
        api, [{"external_id": f"c{n}", "created_at": BEGINNING + timedelta(seconds=n)} for n in range(7)]
    )
    return [row["id"] for row in reversed(rows)]


async def test_the_newest_fifty_published_ones_are_listed_when_nothing_is_asked_for(api: Api) -> None:
    at = [BEGINNING + timedelta(seconds=n) for n in range(60)]
    rows = await store(api, [{"external_id": f"c{n}", "created_at": at[n]} for n in range(60)])
    await store(api, [{"external_id": "gone", "created_at": at[59], "status": "ARCHIVED"}])

    found = (await api.execute("{ customers { nodes { id } totalCount } }"))["customers"]

    assert [node["id"] for node in found["nodes"]] == [row["id"] for row in reversed(rows)][:50]
    assert found["totalCount"] == 60


async def test_a_page_tells_what_lies_before_and_after_it(api: Api) -> None:
    ids = await seven(api)
    whole = (await page(api))["edges"]
    cursor = {edge["node"]["id"]: edge["cursor"] for edge in whole}
    assert list(cursor) == ids

    expected: list[tuple[dict[str, Any], list[str], bool, bool]] = [
        ({"first": 3}, ids[:3], True, False),
        ({"first": 7}, ids, False, False),
        ({"first": 3, "after": cursor[ids[2]]}, ids[3:6], True, True),
        ({"first": 3, "after": cursor[ids[5]]}, ids[6:], False, True),
        ({"after": cursor[ids[6]]}, [], False, True),
        ({"last": 3}, ids[4:], False, True),
        ({"last": 3, "before": cursor[ids[4]]}, ids[1:4], True, True),
        ({"last": 3, "before": cursor[ids[2]]}, ids[:2], True, False),
        ({"before": cursor[ids[0]]}, [], True, False),
        ({"first": None, "after": None, "last": 2, "before": None}, ids[5:], False, True),
    ]
    for arguments, nodes, next_, previous in expected:
        found = await page(api, **arguments)
        info = found["pageInfo"]
        assert [edge["node"]["id"] for edge in found["edges"]] == nodes, arguments
        assert (info["hasNextPage"], info["hasPreviousPage"]) == (next_, previous), arguments
        ends = (cursor[nodes[0]], cursor[nodes[-1]]) if nodes else (None, None)
        assert (info["startCursor"], info["endCursor"]) == ends


async def test_nothing_lies_behind_a_cursor_whose_customers_are_gone(api: Api) -> None:
    [newest, *_] = (await page(api, first=1))["edges"] or [None]
    assert newest is None
    made = await api.created(externalId="only")
    cursor = (await page(api))["edges"][0]["cursor"]
    await api.execute('mutation { archiveCustomer(by: {externalId: "only"}) { __typename } }')

    after = await page(api, first=1, after=cursor)

    assert made["id"]
    assert after == {
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


async def test_ties_are_broken_by_the_id_in_both_directions(api: Api) -> None:
    rows = await store(api, [{"external_id": f"c{n}", "name": "Ada" if n % 2 else "ada"} for n in range(9)])
    ids = sorted(row["id"] for row in rows)

    assert await listed(api, 2, orderBy=BY_NAME) == ids
    assert await listed(api, 2, orderBy={**BY_NAME, "direction": "DESC"}) == ids[::-1]
    assert await listed(api, 2, backward=True, orderBy=BY_NAME) == ids


async def test_those_without_a_name_come_before_those_with_one(api: Api) -> None:
    rows = await store(
        api, [{"external_id": name or "-", "name": name} for name in ("b", None, "A", "\u00e4", "😀", "z")]
    )
    ids = {row["name"]: row["id"] for row in rows}

    assert await listed(api, orderBy=BY_NAME) == [ids[name] for name in (None, "A", "b", "z", "ä", "😀")]


async def test_a_cursor_stays_where_it_is_when_its_customer_goes(api: Api) -> None:
    ids = await seven(api)
    cursor = (await page(api, first=3))["pageInfo"]["endCursor"]

    await api.execute("mutation($id: ID!) { archiveCustomer(by: {id: $id}) { __typename } }", {"id": ids[2]})

    assert [edge["node"]["id"] for edge in (await page(api, after=cursor))["edges"]] == ids[3:]


async def test_a_cursor_is_good_on_another_process(api: Api) -> None:
    ids = await seven(api)
    cursor = (await page(api, first=3))["pageInfo"]["endCursor"]

    from app import secrets

    del secrets._known[api.database]  # what another process does not know

    assert [edge["node"]["id"] for edge in (await page(api, after=cursor))["edges"]] == ids[3:]


async def test_a_cursor_is_good_for_its_own_list_only(api: Api, other: Api) -> None:
    live = Api(api.client, api.database, api.tenant, "live")
    live.secret = await live.key()
    for tenant in (api, other, live):
        await seven(tenant)
    cursor = (await page(api, first=3, orderBy=BY_NAME))["pageInfo"]["endCursor"]
    children = "query($c: String!) { customers(first: 1) { nodes { children(after: $c) { nodes { id } } } } }"

    assert await page(api, after=cursor, orderBy=BY_NAME)
    for tenant, arguments in (
        (other, {"orderBy": BY_NAME}),
        (live, {"orderBy": BY_NAME}),
        (api, {}),
        (api, {"orderBy": {**BY_NAME, "direction": "DESC"}}),
        (api, {"orderBy": BY_NAME, "filter": {"search": "c"}}),
    ):
        error = await tenant.refused(LIST, {"after": cursor, **arguments})
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": ["after"]}
    error = await api.refused(children, {"c": cursor})
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": ["after"]}


async def test_a_mangled_cursor_is_refused(api: Api) -> None:
    await seven(api)
    cursor = (await page(api, first=3))["pageInfo"]["endCursor"]

    mangled = {cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in range(len(cursor))}
    more = {"", " ", "x", "\ud800", "ü", "W10", f"{cursor}=", f"{cursor} ", f" {cursor}", cursor[:-1], cursor * 200}
    for wrong in (*list(mangled)[::9], *more):
        for name in ("after", "before"):
            error = await api.refused(LIST, {name: wrong})
            assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": [name]}, wrong


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"first": -1}, ["first"]),
        ({"first": 0}, ["first"]),
        ({"first": 101}, ["first"]),
        ({"first": 10**9}, ["first"]),
        ({"last": 0}, ["last"]),
        ({"last": 101}, ["last"]),
        ({"first": 1, "last": 1}, ["last"]),
        ({"last": 1, "after": "x"}, ["after"]),
        ({"first": 1, "before": "x"}, ["before"]),
        ({"after": "x", "before": "x"}, ["before"]),
        ({"filter": {"externalId": {"in": ["x"] * 101}}}, ["filter", "externalId", "in"]),
        ({"filter": {"status": {"in": ["PUBLISHED"] * 101}}}, ["filter", "status", "in"]),
        ({"filter": {"addressCountry": {"in": ["DE"] * 101}}}, ["filter", "addressCountry", "in"]),
        ({"filter": {"addressCountry": {"in": ["DE", "UK"]}}}, ["filter", "addressCountry", "in", "1"]),
        ({"filter": {"addressCountry": {"eq": "Germany"}}}, ["filter", "addressCountry", "eq"]),
        ({"filter": {"search": ""}}, ["filter", "search"]),
        ({"filter": {"search": " \u3000"}}, ["filter", "search"]),
        ({"filter": {"search": "x" * 1001}}, ["filter", "search"]),
        ({"filter": {"search": "a\nb"}}, ["filter", "search"]),
        ({"filter": {"search": "a\x00"}}, ["filter", "search"]),
        ({"filter": {"search": "\ud800"}}, ["filter", "search"]),
        ({"filter": {"search": None}}, ["filter", "search"]),
        ({"filter": {"email": None}}, ["filter", "email"]),
        ({"filter": {"hasParent": None}}, ["filter", "hasParent"]),
        ({"filter": {"createdAt": {}}}, ["filter", "createdAt"]),
        ({"filter": {"createdAt": {"gt": None}}}, ["filter", "createdAt", "gt"]),
        (
            {"filter": {"createdAt": {"gte": "2026-01-02T00:00:00Z", "lt": "2026-01-02T00:00:00Z"}}},
            ["filter", "createdAt"],
        ),
        (
            {"filter": {"updatedAt": {"gt": "2026-01-02T00:00:00Z", "lte": "2026-01-01T00:00:00Z"}}},
            ["filter", "updatedAt"],
        ),
        ({"filter": {"updatedAt": {"lt": "0001-01-01T00:00:00Z"}}}, ["filter", "updatedAt"]),
        ({"filter": {"metadata": {}}}, ["filter", "metadata"]),
        ({"filter": {"metadata": None}}, ["filter", "metadata"]),
        ({"filter": {"metadata": {"in_": 1}}}, ["filter", "metadata", "in_"]),
    ],
)
async def test_what_makes_no_sense_is_refused_and_never_ignored(
    api: Api, arguments: dict[str, Any], path: list[str]
) -> None:
    error = await api.refused(LIST, arguments)

    assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": path}
    assert error["path"] == ["customers"]


@pytest.mark.parametrize(
    "filter",
    [
        {"externalId": {"eq": "a\x00"}},
        {"email": {"in": ["\ud800"]}},
        {"id": {"in": []}},
        {"id": {"eq": "nonsense"}},
        {"status": {"in": []}},
        {"parentCustomerId": {"eq": "\x00"}},
        {"hasParent": False, "parentCustomerId": {"in": ["x"]}},
        {"search": "".join(map(chr, range(0x4E00, 0x4E00 + 1000)))},
    ],
)
async def test_what_nobody_has_finds_nobody(api: Api, filter: dict[str, Any]) -> None:
    await seven(api)

    assert await listed(api, filter=filter) == []
    assert await total(api, filter) == 0


async def test_nobody_elses_customers_are_listed(api: Api, other: Api) -> None:
    theirs = await store(other, [{"external_id": "acme", "name": "Acme", "email": "a@acme.test"}])
    mine = await store(api, [{"external_id": "mine"}])

    assert await listed(api) == [mine[0]["id"]]
    for filter in ({"search": "acme"}, {"externalId": {"eq": "acme"}}, {"id": {"eq": theirs[0]["id"]}}):
        assert await listed(api, filter=filter) == []


async def test_lists_need_the_scope_to_read(api: Api) -> None:
    writer = await api.acting(Scope.WRITE)

    assert (await writer.refused("{ customers { totalCount } }"))["extensions"]["code"] == "FORBIDDEN"
    for field in ("children { totalCount }", "ancestors { id }", "descendantCount", "events { totalCount }"):
        created = f"""mutation {{ createCustomer(input: {{externalId: "{field[:4]}"}}) {{
          ... on CreateCustomerSuccess {{ customer {{ {field} }} }} }} }}"""
        assert (await writer.refused(created))["extensions"]["code"] == "FORBIDDEN"
