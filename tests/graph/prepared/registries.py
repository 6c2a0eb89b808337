"""Two registries with the same data, one with prepared operations and one without, asked the same.

They are copies of one SQLite database, so that keys and cursors are good in both. What each makes up of its own, ids,
times and secrets, is told apart by the order in which it is shown.
"""

import binascii
import json
import re
import shutil
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Self

import httpx2 as httpx
from graphql import get_named_type
from starlette.applications import Starlette

from app import secrets
from app.database import Database
from app.database.transactions import Work, transact
from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from graph.schema import schema
from tests.api import CUSTOMER, Api
from tests.graph.customers.lists.population import BEGINNING, store
from tests.graph.customers.lists.reading import pages
from tests.graph.prepared.answers import Answer, ask
from tests.graph.prepared.documents import Request, Writer

ROUNDS = 6
CURSORS = ("cursor-1", "cursor-2", "cursor-3")  # stand for real ones, which are known later
SCOPES = (frozenset(Scope), frozenset({Scope.READ}), frozenset({Scope.WRITE}))
IDS = [f"cust_{number:026}" for number in range(8)]
EXTERNAL_IDS = ("c0", "c1", "c2", "c3", "new", "other")
TEXTS = (None, "", "Ada", " Åda\u2003", "x" * 300, "\ud800")
NAMED: dict[str, tuple[Any, ...]] = {
    "externalId": (*EXTERNAL_IDS, "", " c0"),
    "parentCustomerExternalId": EXTERNAL_IDS,
    "confirmExternalId": EXTERNAL_IDS,
    "id": (*IDS, "cust_01M820GBEJ0JNFMSS8J2Q70ZWF", "1", "2", 3),
    "ids": (*IDS, "nobody"),
    "parentCustomerId": tuple(IDS),
    "email": ("ada@example.com", "nobody", None),
    "addressCountry": ("de", "FR", "UK"),
    "timezone": ("UTC", "Europe/Berlin", "europe/berlin"),
    "metadata": ({}, {"plan": "pro"}, {"": 1}, [], {"a": None}),
    "metadataPatch": ({"plan": None}, {"x": "y"}),
    "idempotencyKey": ("k1", "k2", "k3", ""),
    "expectedVersion": (1, 2, 3),
    "search": ("c", "ada", "nobody"),
    "scopes": ("customers:read", "customers:write", "nothing"),
    "expiresAt": ("2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    "first": (1, 2, 3, 50, 0, 101),
    "last": (1, 2, 3, 50, 0, 101),
}
EVERYTHING = f"""{{
  apiKeys {{ id scopes createdAt createdBy expiresAt revokedAt }}
  customers(first: 100, filter: {{status: {{in: [PUBLISHED, ARCHIVED, DELETED]}}}}) {{ totalCount nodes {{
    {CUSTOMER} events(first: 100) {{ totalCount nodes {{ type customerVersion actorId createdAt
    changes {{ field before after }} }} }} }} }} }}"""

MADE_UP = re.compile(
    r"(?P<id>(?:cust|evt|key)_[0-7][0-9A-HJKMNP-TV-Z]{25})|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|\+00:00))"
    r"|(?P<secret>sk_[\w-]{43})|(?P<cursor>(?<=\")[\w-]{60,}(?=\"))"
)


@dataclass
class Registry:
    """One of the two."""

    app: Starlette
    shown: dict[str, str] = field(default_factory=dict)

    async def ask(self, request: Request, secret: str) -> Answer:
        answer = await ask(self.app, request, authorization=f"Bearer {secret}")
        return replace(answer, body=self.told(answer.body.decode()).encode())

    def told(self, text: str) -> str:
        """The text, with what the registry made up told by its turn."""
        return MADE_UP.sub(self._turn, text)

    def _turn(self, match: re.Match[str]) -> str:
        if match["cursor"]:
            return self._cursor(match["cursor"])
        return self.shown.setdefault(match[0], f"{match.lastgroup}-{len(self.shown)}")

    def _cursor(self, cursor: str) -> str:
        try:
            place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[12:].decode()
        except (binascii.Error, UnicodeDecodeError):
            return cursor
        return f"cursor-{MADE_UP.sub(self._turn, place)}" if place.startswith("[") else cursor


class RegistryWriter(Writer):
    """Rows that are made at once have one time, and then their ids say which is first: so only one is good."""

    def good(self, name: str, type_: Any, *, wrong: float = 0) -> Any:
        if name == "inputs":
            return [super().good("input", get_named_type(type_), wrong=wrong)] * self.random.randint(0, 2)
        return super().good(name, type_, wrong=wrong)


def samples(random: Random, name: str, type_: str) -> Any:
    if name in {"after", "before"}:
        return random.choice((*CURSORS, "nowhere"))
    if name in NAMED:
        return random.choice(NAMED[name])
    match type_:
        case "Int":
            return random.choice((0, 1, 2))
        case "Boolean":
            return random.random() < 0.5
        case "DateTime":
            return random.choice(("2026-01-01T00:00:00Z", "2026-01-01T00:00:03+00:00", "2026"))
    return random.choice(TEXTS)


@dataclass(frozen=True)
class Call:
    """A request, and the number of the key that it is sent with."""

    request: Request
    key: int

    @classmethod
    def drawn(cls, random: Random) -> list[Self]:
        """Several of one document."""
        writer = RegistryWriter(random, schema._schema, samples)
        query, name = writer.document()
        return [
            cls(Request(query, writer.values(), name), random.choice((0, *range(len(SCOPES))))) for _ in range(ROUNDS)
        ]


class Registries:
    """The two."""

    def __init__(self, apps: Sequence[Starlette], secrets: Sequence[str], cursors: Sequence[str]) -> None:
        self.stock, self.prepared = map(Registry, apps)
        self.secrets = secrets
        self.cursors = dict(zip(CURSORS, cursors, strict=True))
        self.cases = self.executed = 0

    async def compare(self, calls: Iterable[Call]) -> None:
        for call in calls:
            request, secret = self.with_cursors(call.request), self.secrets[call.key]
            expected, answer = await self.stock.ask(request, secret), await self.prepared.ask(request, secret)
            assert answer == expected, (call, answer, expected)
            self.cases += 1
            self.executed += b'"data":' in answer.body
            if b"GRAPHQL_VALIDATION_FAILED" in answer.body:
                break

    def with_cursors(self, request: Request) -> Request:
        said = json.dumps([request.query, request.variables])
        for stand_in, cursor in self.cursors.items():
            said = said.replace(stand_in, cursor)
        query, variables = json.loads(said)
        return Request(query, variables, request.name)

    async def compare_data(self) -> None:
        """That all has happened as often in both."""
        request = Request(EVERYTHING, {})
        answers = [await one.ask(request, self.secrets[0]) for one in (self.stock, self.prepared)]
        assert answers[0] == answers[1]
        assert b'"errors"' not in answers[0].body


@asynccontextmanager
async def serving(database: Path, *, prepared: bool) -> AsyncIterator[Starlette]:
    settings = Settings(
        database_url=f"sqlite:///{database}",
        prepared_operations=prepared,
        # Unlimited: what is refused tells nothing.
        max_cost=10**9,
        log_level="error",
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        # Of two fields that are read at once, and are both in error, threads and chance would have it which is first.
        at_once(app.state.database)
        # Read once and kept: were it read on the way, that would take one of the two longer than the other.
        await secrets.secret(app.state.database, secrets.CURSORS)
        yield app


def at_once(database: Database) -> None:
    """Have a database go about its transactions in no thread of their own."""
    transactions = database._transactions

    async def run(work: Work[Any], *, writes: bool, retry: bool = False) -> Any:
        return transact(transactions.engine, work, writes, retry)

    transactions.run = run  # type: ignore[method-assign]


@dataclass(frozen=True)
class Template:
    """The data that both begin with."""

    database: Path
    secrets: Sequence[str]
    cursors: Sequence[str]

    @classmethod
    async def made(cls, folder: Path) -> "Template":
        database = folder / "template.db"
        async with (
            serving(database, prepared=False) as app,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://registry") as client,
        ):
            api = await Api(client, app.state.database, "acme", "live").acting(*Scope)
            await store(api, [described(number) for number in range(len(IDS))])
            await api.mutate("linkIntegration", by={"id": IDS[0]}, mapping={"provider": "STRIPE", "id": "1"})
            await api.mutate("archiveCustomer", by={"id": IDS[5]})
            secrets = [await api.key(*scopes) for scopes in SCOPES]
            cursors = [page["pageInfo"]["endCursor"] async for page in pages(api, 2)][: len(CURSORS)]
        return cls(database, secrets, cursors)

    @asynccontextmanager
    async def registries(self) -> AsyncIterator[Registries]:
        """Both, from the beginning."""
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(dir=self.database.parent))
            apps = []
            for prepared in (False, True):
                database = Path(folder) / f"{prepared}.db"
                shutil.copy(self.database, database)
                apps.append(await stack.enter_async_context(serving(database, prepared=prepared)))
            yield Registries(apps, self.secrets, self.cursors)


def described(number: int) -> dict[str, Any]:
    return {
        "id": IDS[number],
        "external_id": f"c{number}",
        "name": None if number == 3 else f"Customer {number}",
        "email": f"c{number}@customers.test",
        "parent_customer_id": IDS[number - 1] if number in (1, 2, 6) else None,
        "created_at": BEGINNING + timedelta(seconds=number),
        "updated_at": BEGINNING + timedelta(seconds=number, microseconds=number),
        "metadata_": {"plan": "pro"} if number % 2 else {},
    }
