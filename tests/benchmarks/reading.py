"""`python -m tests.benchmarks.reading`: a customer by its id, pages of 50, a search, and all of it mixed with creates.

Ours beside the same queries on stock Strawberry, and beside POSTs without GraphQL that ask the same of the same
database; in turn, in one run.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import Connection, select

from app import secrets
from app.customers.lookup import within
from app.customers.tables import CUSTOMERS
from app.database import Database
from app.identity import Actor
from graph.cursors import Seal
from tests.benchmarks import load, measuring, population, running
from tests.benchmarks.contenders.subject import CREATE, SELECTION
from tests.benchmarks.measuring import Requests, Task, answered

ONE = f"query One($id: ID!) {{ customer(by: {{id: $id}}) {{ {SELECTION} }} }}"
PAGE = f"""query Page($first: Int!, $after: String, $filter: CustomerFilter) {{
  customers(first: $first, after: $after, filter: $filter) {{
    nodes {{ {SELECTION} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
SOME = 1000  # customers that are asked for by name


def asking(path: str, bodies: Sequence[object]) -> Requests:
    def requests(url: str, secret: str, round: int) -> Iterator[bytes]:
        headers = {"authorization": f"Bearer {secret}"}
        ready = [load.post(f"{url}{path}", orjson.dumps(body), headers) for body in bodies]
        dice = random.Random(round)  # noqa: S311 - no secret
        while True:
            yield dice.choice(ready)

    return requests


def task(name: str, document: str, variables: Sequence[dict[str, Any]], path: str, bodies: Sequence[Any]) -> Task:
    by_graphql = asking("/graphql", [{"query": document, "variables": one} for one in variables])
    return Task(name, by_graphql, asking(path, bodies), answered)


def mixed(tasks: Sequence[tuple[int, Task]]) -> Task:
    """Of every so many requests as the numbers add up to, so many of each."""

    def shared(ways: Sequence[Requests]) -> Requests:
        def requests(url: str, secret: str, round: int) -> Iterator[bytes]:
            each = [way(url, secret, round) for way in ways]
            turns = [which for which, (times, _) in enumerate(tasks) for _ in range(times)]
            random.Random(round).shuffle(turns)  # noqa: S311 - no secret
            while True:
                for which in turns:
                    yield next(each[which])

        return requests

    graphql, post = (shared([getattr(task, by) for _, task in tasks]) for by in ("by_graphql", "by_post"))
    return Task("mixed", graphql, post, answered)


async def tasks(url: str, rows: int) -> list[Task]:
    database = Database(url)
    try:
        actor, ids, words, middle = await database.read(lambda connection: sample(connection, rows))
        key = await secrets.secret(database, secrets.CURSORS)
    finally:
        await database.close()
    cursor = Seal.made(key, actor, "customers", "CREATED_AT", "DESC", {}).close((middle[0].isoformat(), middle[1]))
    one = task("by id", ONE, [{"id": id} for id in ids], "/customer", [{"id": id} for id in ids])
    page = task("page of 50", PAGE, [{"first": 50}], "/page", [{"first": 50}])
    deep = task(
        "page, in the middle",
        PAGE,
        [{"first": 50, "after": cursor}],
        "/page",
        [{"first": 50, "after": [middle[0].isoformat(), middle[1]]}],
    )
    found = [{"first": 10, "filter": {"search": word}} for word in words]
    search = task("search", PAGE, found, "/page", found)
    return [one, page, deep, search, mixed([(2, CREATE), (16, one), (1, page), (1, search)])]


def sample(connection: Connection, rows: int) -> tuple[Actor, list[str], list[str], tuple[Any, str]]:
    c = CUSTOMERS.c
    tenant = connection.execute(select(c.tenant_id, c.environment_id).limit(1)).one()
    actor = Actor(tenant.tenant_id, tenant.environment_id, "benchmark", frozenset())
    ordered = (
        select(c.id, c.email, c.created_at)
        .where(within(CUSTOMERS, actor), c.status == "PUBLISHED")
        .order_by(c.created_at.desc(), c.id.desc())
    )
    some = connection.execute(ordered.limit(SOME)).all()
    middle = connection.execute(ordered.offset(rows // 2).limit(1)).one()
    return actor, [row.id for row in some], [row.email for row in some], (middle.created_at, middle.id)


def main(
    rows: Annotated[int, typer.Option(help="Customers that are there.")] = 100_000,
    seconds: float = 5,
    rounds: int = 3,
    connections: int = 64,
    engines: str = "sqlite,postgresql",
) -> None:
    running.make_way()
    measuring.print_head()
    for engine in engines.split(","):
        with running.workspace() as folder, running.databases(engine, folder, "all") as databases:
            url, _ = databases["all"]
            secret = asyncio.run(population.load(url, rows))
            asked = asyncio.run(tasks(url, rows))
            with measuring.served(dict.fromkeys(measuring.CONTENDERS, (url, secret)), folder) as servers:
                for task in asked:
                    ways = measuring.ways(servers, task)
                    measuring.measure(ways, seconds, rounds, connections)
                    measuring.print_rows(engine, ways)


if __name__ == "__main__":
    typer.run(main)
