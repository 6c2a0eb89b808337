"""How many statements a list takes, and from which indexes they are answered."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from app.customers import listing
from app.customers.listing import CustomerFilter, CustomerOrder, CustomerOrderField, OrderDirection
from app.database import Database
from app.identity import Actor
from app.paging import Window
from tests.api import Api
from tests.graph.customers.lists.population import BEGINNING, store
from tests.graph.customers.lists.reading import page

pytestmark = pytest.mark.anyio

EVERYTHING = """query($first: Int) { customers(first: $first) { nodes {
  id name parent { id } children(first: 5) { nodes { id } } integrations { provider id }
  events(first: 1) { nodes { type changes { field } } } } } }"""

TREES = """query($first: Int) { customers(first: $first) { totalCount pageInfo { hasNextPage } nodes {
  descendantCount ancestors { id }
  children(first: 2) { totalCount nodes { id events(last: 1) { totalCount } } } } } }"""


@contextmanager
def recorded(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are executed meanwhile, with their parameters."""
    said: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            said.append((statement, parameters))

    engine = database.sync_engine
    event.listen(engine, "before_cursor_execute", record)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", record)


async def families(api: Api, count: int) -> None:
    parents = await store(api, [{"external_id": f"p{n}"} for n in range(count)])
    await store(
        api,
        [
            {
                "external_id": f"{parent['external_id']}-{n}",
                "parent_customer_id": parent["id"],
                "created_at": BEGINNING - timedelta(1),
            }
            for parent in parents
            for n in range(7)
        ],
    )


@pytest.mark.parametrize(("query", "most"), [(EVERYTHING, 7), (TREES, 9)])
async def test_the_number_of_statements_does_not_grow_with_the_page(api: Api, query: str, most: int) -> None:
    await families(api, 50)
    await api.execute(query, {"first": 1})
    counts = []
    for first in (2, 50):
        with recorded(api.database) as said:
            nodes = (await api.execute(query, {"first": first}))["customers"]["nodes"]
        counts.append(len(said))
        assert len(nodes) == first
        assert all(node["children"]["nodes"] for node in nodes)

    assert counts[0] == counts[1] <= most


async def test_what_is_not_selected_is_not_asked_for(api: Api) -> None:
    await families(api, 3)
    after = (await page(api, first=1))["pageInfo"]["endCursor"]
    counts = {}
    for selection in (
        "nodes { id }",
        "edges { cursor }",
        "pageInfo { hasNextPage startCursor endCursor }",
        "pageInfo { hasPreviousPage }",
        "totalCount",
    ):
        query = f"query($after: String) {{ customers(first: 1, after: $after) {{ {selection} }} }}"
        with recorded(api.database) as said:
            await api.execute(query, {"after": after})
        statements = [statement for statement, _ in said if "api_keys" not in statement]
        counts[selection] = len(statements) - 1  # the page's

    assert list(counts.values()) == [0, 0, 0, 1, 1]


async def test_without_statistics_too_sqlite_finds_what_a_page_shows_of_each_customer_by_its_id(api: Api) -> None:
    if not api.database.is_sqlite:
        pytest.skip("PostgreSQL has statistics, and joins laterally")
    await families(api, 5)
    with recorded(api.database) as said:
        await api.execute(EVERYTHING, {"first": 5})
    plans = [await plan(api.database, *one) for one in said if "json_each" in one[0]]

    by_id = r"^SEARCH (customers|events) USING INDEX sqlite_autoindex_\1_1 \(tenant_id=\? AND .* AND id=\?"
    assert sorted(m[1] for told in plans if (m := re.search(by_id, told, re.MULTILINE))) == ["customers", "events"]


def asked(field: CustomerOrderField, direction: OrderDirection, **filter: Any) -> tuple[CustomerOrder, CustomerFilter]:
    return CustomerOrder(field, direction), CustomerFilter.model_validate(filter)


ORDERS = [asked(field, direction) for field in CustomerOrderField for direction in OrderDirection]
NEWEST = (CustomerOrderField.CREATED_AT, OrderDirection.DESC)
FEW = [
    asked(*NEWEST, external_id={"eq": "c77"}),
    asked(*NEWEST, email={"eq": "c77@customers.test"}),
    asked(*NEWEST, email={"in": ["c77@customers.test", "c78@customers.test"]}),
    asked(*NEWEST, id={"in": ["cust_00000000000000000000000077"]}),
    asked(*NEWEST, search="customer 77 of"),
    asked(*NEWEST, search="C77@customers"),
]
INDEXES = [
    *(["ix_customers_status_created_at"] * 2 + ["ix_customers_status_updated_at"] * 2),
    *["ix_customers_status_sort_name"] * 2,
    *("uq_customers_external_id", "ix_customers_status_email", "ix_customers_status_email", "customers_pkey"),
    *["ix_customers_search_text"] * 2,
]
SQLITES = {"customers_pkey": "sqlite_autoindex_customers_1", "ix_customers_search_text": "VIRTUAL TABLE INDEX"}


BAD = re.compile(r"\b(Sort|TEMP B-TREE|Seq Scan|SCAN customers)\b")


async def test_each_is_answered_from_an_index_and_nothing_is_sorted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # So few customers are sorted faster than read in their order, if half of them are wanted.
    monkeypatch.setattr(listing.pages, "SAMPLE", 100)
    await store(
        api,
        [
            {
                "external_id": f"c{n}",
                "id": f"cust_{n:026}",
                "name": f"Customer {n} of us",
                "email": f"c{n}@customers.test",
                "created_at": BEGINNING + timedelta(seconds=n),
                "updated_at": BEGINNING + timedelta(seconds=n),
            }
            for n in range(4000)
        ],
    )
    if not api.database.is_sqlite:
        async with api.database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE customers"))
    actor = Actor(api.tenant, api.environment, "test", frozenset())
    for (order, filter), index in zip([*ORDERS, *FEW], INDEXES, strict=True):
        starts = [None, (order.restored(*middle(order)))] if (order, filter) in ORDERS else [None]
        for start in starts:
            window = Window(50, start)
            with recorded(api.database) as said:
                found = await api.database.read(
                    lambda c, w=window, f=filter, o=order: listing.page(c, actor, w, f, o)  # type: ignore[misc]
                )
            assert found.rows
            plans = [await plan(api.database, *one) for one in said if "pg_stats" not in one[0]]
            expected = SQLITES.get(index, index) if api.database.is_sqlite else index
            assert any(expected in told for told in plans), (expected, plans)
            assert not any(map(BAD.search, plans)), plans


def middle(order: CustomerOrder) -> tuple[Any, str]:
    at = BEGINNING + timedelta(seconds=2000)
    return ("customer 2" if order.field is CustomerOrderField.NAME else at.isoformat(), f"cust_{2000:026}")


async def plan(database: Database, statement: str, parameters: Any) -> str:
    """As the engine tells it, for the very parameters."""

    def explain(connection: Connection) -> str:
        how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{how} {statement}", parameters)
        return "\n".join(row[-1] for row in rows)

    return await database.read(explain)
