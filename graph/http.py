"""GraphQL over HTTP, to the letter of the working group's specification, as the package graphql-http audits it.

Strawberry's view is not used: it carries websockets, batching and multipart, and nearly all of it would be overridden.
Where the edition of September 2026 has 422 and 294, its predecessors and the audits have 400 and 200, as is done here.
"""

import math
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.errors import RefusalCode, Refused
from graph import media_types, wire
from graph.execution import Execution, NotReadOnly
from graph.refusals import present, present_bug, present_refused

MIB = 1024 * 1024
METHODS = "GET, HEAD, POST, OPTIONS"
STATUSES = {
    RefusalCode.BAD_USER_INPUT: 400,
    RefusalCode.GRAPHQL_PARSE_FAILED: 400,
    RefusalCode.GRAPHQL_VALIDATION_FAILED: 400,
    RefusalCode.UNAUTHENTICATED: 401,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.RATE_LIMITED: 429,
    RefusalCode.INTERNAL: 500,
    RefusalCode.BUSY: 503,
    RefusalCode.TIMEOUT: 504,
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class GraphQLOverHTTP:
    """The ASGI endpoint.

    `context` finds out who calls, before the body is read, and may raise Refused; `page` answers browsers, open to all.
    `max_body` is in bytes. The request's id is in `request.state.request_id`; what `context` puts into
    `request.state.headers` is sent with the answer, whatever that is.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        context: Callable[[Request], Awaitable[object]],
        page: Callable[[Request], Response] | None = None,
        max_body: int = MIB,
    ) -> None:
        self._execution = Execution(schema)
        self._context = context
        self._page = page
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request.state.request_id = request_id = _request_id(wire.header(request, "x-request-id"))
        request.state.headers = {}
        accepted = media_types.acceptable(wire.header(request, "accept"))
        media = next((name for name in accepted if name != media_types.HTML), None)
        if request.method == "HEAD":
            send = _without_body(send)
        try:
            if self._page and self._wants_page(request, accepted):
                response = self._page(request)
                response.headers["x-request-id"] = request_id
                response.headers.add_vary_header("Accept")
                await response(scope, receive, send)
                return
            answer = await self._answer(request, media)
        except wire.Disconnected:
            return
        except Refused as refused:
            answer = _refusal(refused)
        except Exception as bug:
            answer = Answer(500, {"errors": [present_bug(bug, request_id)]})
        headers = {**request.state.headers, "x-request-id": request_id}
        await _send(send, answer, media or media_types.JSON, headers)

    def _wants_page(self, request: Request, accepted: Mapping[str, float]) -> bool:
        html = accepted.get(media_types.HTML, 0)
        is_best = html > 0 and html == max(accepted.values())
        return is_best and request.method in {"GET", "HEAD"} and "query" not in request.query_params

    async def _answer(self, request: Request, media: str | None) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, headers={"allow": METHODS})
        if request.method not in {"GET", "HEAD", "POST"}:
            raise wire.NotUnderstood(405, "Send GraphQL by POST or GET.", allow=METHODS)
        if media is None:
            raise wire.NotUnderstood(406, f"Answers are {media_types.GRAPHQL_RESPONSE} or {media_types.JSON}.")
        by_post = request.method == "POST"
        if by_post:
            wire.check_entity(request, self._max_body)
        context = await self._context(request)
        if by_post:
            parameters = wire.decode(await wire.read_body(request, self._max_body))
        else:
            parameters = wire.query_parameters(request.scope["query_string"])
        result = await self._execution.execute(wire.operation(parameters, read_only=not by_post), context)
        content: dict[str, Any] = {}
        if result.errors:
            content["errors"] = [present(error, request.state.request_id) for error in result.errors]
        if result.executed:
            content["data"] = result.data
        return Answer(200 if result.executed or media == media_types.JSON else 400, content)


def _refusal(refused: Refused) -> Answer:
    status, headers = STATUSES[refused.code], {}
    if isinstance(refused, wire.NotUnderstood):
        status, headers = refused.status, refused.headers
    elif isinstance(refused, NotReadOnly):
        status, headers = 405, {"allow": "POST"}
    elif refused.code is RefusalCode.UNAUTHENTICATED:
        headers = {"www-authenticate": "Bearer"}
    if "retry_after" in refused.extensions:
        headers = {**headers, "retry-after": str(math.ceil(refused.extensions["retry_after"]))}
    return Answer(status, {"errors": [present_refused(refused)]}, headers)


async def _send(send: Send, answer: Answer, media: str, more: Mapping[str, str]) -> None:
    headers = {"vary": "Accept", "cache-control": "no-store", **more, **answer.headers}
    status, body = answer.status, b""
    if answer.content is not None:
        try:
            body = wire.encode(answer.content)
        except Exception as bug:
            status, body = 500, wire.encode({"errors": [present_bug(bug, more["x-request-id"])]})
        headers |= {"content-type": f"{media}; charset=utf-8", "content-length": str(len(body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def _request_id(sent: str) -> str:
    """Keep the client's or the proxy's id, when it is safe to log and to send back."""
    return sent if re.fullmatch(r"[A-Za-z0-9._-]{1,128}", sent) else secrets.token_hex(16)
