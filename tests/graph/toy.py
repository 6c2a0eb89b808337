"""A small schema behind the real endpoint, with every way in which an operation can fail."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, NewType

import httpx2
import strawberry
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.schema.config import StrawberryConfig

from app.errors import RefusalCode, Refused
from app.settings import Settings
from graph.calls import Call
from graph.http import GraphQLOverHTTP

KEY = "sk_toy"
GRAPHQL = "application/graphql-response+json"
CANARY = "canary@example.com"


def _labels(value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"not labels: {value}")
    return value


Labels = NewType("Labels", dict[str, Any])


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.input(one_of=True)
class By:
    id: strawberry.Maybe[strawberry.ID]
    email: strawberry.Maybe[str]


@strawberry.input
class Pet:
    name: str
    age: int | None = None
    toys: list["Pet"] | None = None


@strawberry.input
class Guest:
    external_id: str
    email: str | None = None
    colour: Colour | None = None
    labels: Labels | None = None
    pets: list[Pet] | None = None
    nick: strawberry.Maybe[str] = None


@strawberry.type
class Node:
    name: str = "node"

    @strawberry.field
    def child(self) -> "Node":
        return Node()

    @strawberry.field
    def children(self) -> list["Node"]:
        return [Node()]


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str = "hi") -> str:
        return text

    @strawberry.field
    def number(self, value: int = 1, ratio: float = 1.0, flag: bool = True, id: strawberry.ID | None = None) -> int:
        return value

    @strawberry.field
    def node(self) -> Node:
        return Node()

    @strawberry.field
    def find(self, by: By) -> str:
        return "found"

    @strawberry.field
    async def request_id(self, info: strawberry.Info[Any, None]) -> str:
        return str(info.context)

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("SELECT secret FROM table")

    @strawberry.field
    def misfit(self) -> int | None:
        return CANARY  # type: ignore[return-value]  # what graphql-core says of it repeats it

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Refused(RefusalCode.FORBIDDEN, "This key may not.", scope="toys:read")

    @strawberry.field
    def huge(self) -> Labels:
        return Labels({"integer": 2**80})


@strawberry.type
class Mutation:
    @strawberry.mutation
    def invite(self, input: Guest) -> str | None:
        return input.external_id


schema = strawberry.Schema(
    Query,
    Mutation,
    config=StrawberryConfig(scalar_map={Labels: strawberry.scalar(name="Labels", parse_value=_labels)}),
)


async def context(call: Call) -> object:
    if call.headers.get("x-fail") == "bug":
        raise RuntimeError("SELECT secret FROM table")
    if code := call.headers.get("x-fail"):
        raise Refused(RefusalCode(code), "Refused.", retry_after=1.5)
    if call.headers.get("x-api-key") != KEY:
        raise Refused(RefusalCode.UNAUTHENTICATED, "Send a key.")
    return call.observation.request_id


def page(_request: Request) -> Response:
    return HTMLResponse("<title>GraphiQL</title>")


endpoint = GraphQLOverHTTP(schema, context=context, page=page, prepares=Settings().prepared_operations)


@asynccontextmanager
async def client(**headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a client that holds a key and names nothing that it accepts."""
    transport = httpx2.ASGITransport(endpoint)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as opened:
        del opened.headers["accept"]
        opened.headers.update({"x-api-key": KEY, **headers})
        yield opened


async def ask(
    query: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    """Send one operation; its variables may hold lone surrogates."""
    body = json.dumps({"query": query, "variables": variables})
    async with client(**{"accept": GRAPHQL, "content-type": "application/json", **(headers or {})}) as opened:
        return await opened.post("/", content=body)


async def send_raw(
    messages: Sequence[Mapping[str, Any]], headers: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Speak ASGI to the endpoint; the messages are what the server would hand over, one after the other."""
    waiting, sent = list(messages), []
    all_headers = {"x-api-key": KEY, "content-type": "application/json", **(headers or {})}

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in all_headers.items()],
    }
    await endpoint(scope, receive, send)
    return sent
