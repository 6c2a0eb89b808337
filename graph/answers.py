"""Answers over HTTP: their status, their headers, and how they are sent."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.types import Message, Send

from app.errors import RefusalCode, Refused
from graph import media_types, wire
from graph.calls import Call
from graph.execution import NotReadOnly, Result
from graph.refusals import cause_of, present_bug, present_refused

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
ALWAYS = ((b"vary", b"Accept"), (b"cache-control", b"no-store"))
TYPES = {media: f"{media}; charset=utf-8".encode() for media in (media_types.GRAPHQL_RESPONSE, media_types.JSON)}


class Answer(NamedTuple):
    status: int
    content: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = MappingProxyType({})


def refusal(refused: Refused) -> Answer:
    """The answer to a request that was not executed."""
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


def busy(result: Result) -> Refused | None:
    """The refusal that is all there is to tell of an operation: nothing was done, and the client is to come again."""
    if any(value is not None for value in (result.data or {}).values()):
        return None
    causes = [cause_of(error) for error in result.errors]
    refused = [cause for cause in causes if isinstance(cause, Refused) and cause.code is RefusalCode.BUSY]
    return refused[0] if refused and len(refused) == len(causes) else None


async def send_answer(send: Send, answer: Answer, media: str, call: Call) -> None:
    """Send it as JSON of that media type, with the call's own headers."""
    status, body = answer.status, b""
    raw = [*ALWAYS, (b"x-request-id", call.observation.request_id.encode("latin-1"))]
    if content := answer.content:
        try:
            body = wire.encode(content)
        except Exception as bug:
            status, content = 500, {"errors": [present_bug(bug, call.observation.request_id)]}
            body = wire.encode(content)
        call.observation.codes = codes_of(content)
        raw += ((b"content-type", TYPES[media]), (b"content-length", b"%d" % len(body)))
    more = {**answer.headers, **call.answering}
    raw += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in more.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def codes_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of an answer's errors, each once."""
    return tuple({error["extensions"]["code"]: None for error in content.get("errors", ())})


def without_body(send: Send) -> Send:
    """Answer HEAD, which is GET without its body."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head
