"""`python -m tests.benchmarks.listing [ROWS ROWS]`: a page of customers, in a small tenant and in a large one.

Each question is asked of both in turn: first through the API in this process, then of the database alone.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any, TypeAlias

import httpx2 as httpx

from app import secrets
from app.customers import listing
from app.customers.listing import CustomerFilter, CustomerOrder, CustomerOrderField, OrderDirection, statements
from app.customers.listing.statements import Shape
from app.database import Database
from app.identity import Actor, actors_of, digest_of
from app.paging import Position, Window
from app.settings import Settings
from graph.asgi import create_app
from graph.cursors import Seal
from tests import postgres
from tests.benchmarks import population

SIZE = 50
QUERY = """query($after: String, $filter: CustomerFilter, $orderBy: CustomerOrder) {
  customers(first: 50, after: $after, filter: $filter, orderBy: $orderBy) {
    nodes { id externalId name email status createdAt } pageInfo { hasNextPage endCursor } } }"""
ROUNDS = 15

Times: TypeAlias = tuple[list[float], list[float]]


@dataclass(frozen=True)
class Question:
    name: str
    filter: dict[str, Any]
    order: CustomerOrder = listing.NEWEST_FIRST
    deep: bool = False


def questions() -> Iterator[Question]:
    for field in CustomerOrderField:
        for direction in OrderDirection:
            order = CustomerOrder(field, direction)
            yield Question(f"{field} {direction}, first page", {}, order)
            yield Question(f"{field} {direction}, 10,000th page", {}, order, deep=True)
    yield Question("external id", {"externalId": {"eq": "EXTERNAL_ID"}})
    yield Question("email", {"email": {"eq": "EMAIL"}})
    yield Question("search: an external id", {"search": "EXTERNAL_ID"})
    yield Question("search: an email", {"search": "EMAIL"})
    yield Question("search: a part of an email", {"search": "PART"})
    yield Question("search: a whole name", {"search": "NAME"})
    yield Question("search: nobody", {"search": "zzyzx"})
    yield Question("search: one in sixteen", {"search": "müller"})
    yield Question("search: one in sixteen, Cyrillic", {"search": "ИВАНОВ"})
    yield Question("search: all", {"search": "customers.example"})
    yield Question("search: two letters", {"search": "ad"})
    # Not among those that must not grow, but good to know.
    yield Question("* search: one in 300", {"search": "ada müller"})
    yield Question("* country", {"addressCountry": {"eq": "DE"}})
    yield Question("* archived", {"status": {"eq": "ARCHIVED"}})
    yield Question("* every status", {"status": {"in": ["PUBLISHED", "ARCHIVED", "DELETED"]}})
    yield Question("* metadata: one", {"metadata": {"crm": "77"}})
    yield Question("* metadata: a third", {"metadata": {"plan": "pro"}})


@dataclass(frozen=True)
class Tenant:
    """A database with so many customers in one tenant, and the API to it."""

    rows: int
    database: Database
    actor: Actor
    client: httpx.AsyncClient
    some: dict[str, str]

    def asked(self, question: Question) -> Question:
        """About a customer of this tenant's."""
        text = question.filter.get("search")
        if text in self.some:
            return replace(question, filter={"search": self.some[text]})
        asked = {
            name: {"eq": self.some[how["eq"]]} if isinstance(how, dict) and how.get("eq") in self.some else how
            for name, how in question.filter.items()
        }
        return replace(question, filter=asked)

    async def start(self, question: Question) -> Position | None:
        """The 10,000th page's, or the middle one's where there are not as many."""
        if not question.deep:
            return None
        depth = min(10_000 * SIZE, self.rows // 2)
        keyset = question.order.keyset(Window(1))
        statement = statements.in_order(
            Shape(self.database.engine.dialect.name, ("PUBLISHED",), frozenset(), frozenset()),
            keyset,
        ).offset(depth)
        scope = {"tenant_id": self.actor.tenant_id, "environment_id": self.actor.environment_id, "size": 1}
        row = await self.database.read(lambda connection: connection.execute(statement, scope).one())
        return (row._mapping[question.order.column.key], row.id)

    async def reader(self, question: Question) -> tuple[Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]]]:
        """What asks the API, and what asks the database."""
        filter, start = CustomerFilter.model_validate(given(question.filter)), await self.start(question)
        terms = (
            "customers",
            question.order.field,
            question.order.direction,
            filter.model_dump(mode="json", exclude_none=True),
        )
        key = await secrets.secret(self.database, secrets.CURSORS)
        seal = Seal.made(key, self.actor, *terms)
        variables = {
            "filter": question.filter,
            "orderBy": {"field": question.order.field, "direction": question.order.direction},
            "after": seal.close(start) if start else None,
        }
        window = Window(SIZE, start)
        page = partial(listing.page, actor=self.actor, window=window, filter=filter, order=question.order)

        async def ask() -> Any:
            answer = (await self.client.post("/graphql", json={"query": QUERY, "variables": variables})).json()
            assert "errors" not in answer, answer
            return answer["data"]["customers"]["nodes"]

        return ask, lambda: self.database.read(page)


def given(filter: dict[str, Any]) -> dict[str, Any]:
    names = {"externalId": "external_id", "addressCountry": "address_country"}
    return {names.get(name, name): value for name, value in filter.items()}


async def loaded(url: str, rows: int) -> str:
    """The secret of a key to a tenant with so many customers, on an empty database."""
    began = time.perf_counter()
    secret = await population.load(url, rows)
    print(f"{rows:,} customers loaded in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return secret


@asynccontextmanager
async def tenant(url: str, rows: int, secret: str) -> AsyncIterator[Tenant]:
    app = create_app(Settings(database_url=url))
    headers = {"authorization": f"Bearer {secret}"}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test", headers=headers) as client:
            database: Database = app.state.database
            [actor] = (await database.read(partial(actors_of, digests=[digest_of(secret)]))).values()
            yield Tenant(rows, database, actor, client, somebody(rows))


def somebody(rows: int) -> dict[str, str]:
    """One who is in the middle, published, and has a name."""
    for number, row in enumerate(population.customers(rows, "", "")):
        if number >= rows // 2 and row["name"] and row["status"] == "PUBLISHED":
            return {
                "EXTERNAL_ID": row["external_id"],
                "EMAIL": row["email"],
                "PART": row["email"].partition("@")[0][2:],
                "NAME": row["name"],
            }
    raise LookupError("nobody is in the middle")


async def compare(small: Tenant, large: Tenant, rounds: int) -> None:
    sizes = (f"{small.rows:,}", f"{large.rows:,}", "ratio")
    print(f"| {'ms, through the API; the database alone':38} | {' | '.join(f'{s:>9}' for s in sizes * 2)} |")
    print(f"|{'-' * 40}|{'|'.join(['-' * 10 + ':'] * 6)}|")
    for question in questions():
        readers = [await tenant.reader(tenant.asked(question)) for tenant in (small, large)]
        taken: tuple[Times, Times] = ([], []), ([], [])
        for asks in readers:
            await asks[0]()
        for _ in range(rounds):
            for which, asks in enumerate(readers):
                for how, ask in enumerate(asks):
                    began = time.perf_counter()
                    await ask()
                    taken[how][which].append(time.perf_counter() - began)
        figures = []
        for times in taken:
            a, b = (median(of_one) * 1000 for of_one in times)
            figures += [f"{a:9.2f}", f"{b:9.2f}", f"{b / a:9.2f}"]
        print(f"| {question.name:38} | {' | '.join(figures)} |", flush=True)


@contextmanager
def databases(engine: str) -> Iterator[list[str]]:
    with ExitStack() as stack:
        if engine == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield [f"sqlite:///{folder}/{name}.db" for name in ("small", "large")]
            return
        server = stack.enter_context(postgres.server_url())
        yield [stack.enter_context(postgres.fresh_database(server)) for _ in range(2)]


async def measure(urls: list[str], small: int, large: int, rounds: int) -> None:
    keys = [await loaded(url, rows) for url, rows in zip(urls, (small, large), strict=True)]
    async with tenant(urls[0], small, keys[0]) as one, tenant(urls[1], large, keys[1]) as other:
        await compare(one, other, rounds)


def main(small: int = 10_000, large: int = 1_000_000, rounds: int = ROUNDS) -> None:
    for engine in ("sqlite", "postgresql"):
        print(f"\n{engine}\n")
        with databases(engine) as urls:
            asyncio.run(measure(urls, small, large, rounds))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
