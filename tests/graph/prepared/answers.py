"""What an ASGI application answers, to the last byte."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

from tests.graph.prepared.documents import Request


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def ask(app: ASGIApp, request: Request, path: str = "/graphql", **headers: str) -> Answer:
    """Send one operation, without a client in between."""
    said = {"query": request.query, "variables": dict(request.variables), "operationName": request.name}
    given = {"content-type": "application/json", "x-request-id": "same", **headers}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(said).encode(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    return Answer(start["status"], tuple(start["headers"]), b"".join(part["body"] for part in parts))
