"""What goes over the wire: requests' bodies and parameters, and JSON in and out."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from app.errors import RefusalCode, Refused
from graph import media_types
from graph.execution import Operation


class NotUnderstood(Refused):
    """A request that is no GraphQL over HTTP: the status says which part, as RFC 9110 asks."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(RefusalCode.BAD_USER_INPUT, message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Disconnected(Exception):
    """The client left before it had sent its whole body: nobody is there to answer."""


def check_entity(headers: Mapping[str, str], max_body: int) -> None:
    """Refuse by its headers alone a body that we wouldn't read."""
    if not media_types.is_json(headers.get("content-type", "")):
        raise NotUnderstood(415, "Send the request as application/json in UTF-8.", accept_post=media_types.JSON)
    if headers.get("content-encoding", "").strip().lower() not in {"", "identity"}:
        raise NotUnderstood(415, "Send the request's body uncompressed.", accept_encoding="identity")
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > max_body):
        raise too_large(max_body)


async def read_body(receive: Receive, max_body: int) -> bytes:
    """Read the body, counting while it streams."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > max_body:
            raise too_large(max_body)
        more = message.get("more_body", False)
    return b"".join(chunks)


def too_large(max_body: int) -> Refused:
    return Refused(RefusalCode.TOO_LARGE, f"A request's body may hold {max_body} bytes.")


def query_parameters(query_string: bytes) -> dict[str, Any]:
    """Read a GET's parameters, of which `variables` and `extensions` are JSON. An empty one counts as absent."""
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise NotUnderstood(400, "The URL's query is not valid UTF-8.") from None
    known = [pair for pair in pairs if pair[0] in {"query", "operationName", "variables", "extensions"}]
    parameters: dict[str, Any] = dict(known)
    if len(parameters) != len(known):
        raise NotUnderstood(400, "A parameter of the URL is there twice.")
    for name in {"variables", "extensions"} & parameters.keys():
        parameters[name] = decode(parameters[name].encode()) if parameters[name] else None
    return parameters


def decode(body: bytes) -> Any:
    """Read JSON. NaN, infinities, numbers without end and nesting without end are refused.

    A lone surrogate, which orjson refuses, passes as a str: the rules for each field report it at its own path.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if rb"\ud" not in body.lower():
            raise NotUnderstood(400, "The request is not valid JSON in UTF-8.") from None
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotUnderstood(400, "The request is not valid JSON in UTF-8.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def operation(parameters: Any, *, read_only: bool, wants_cost: bool = False, size: int | None = None) -> Operation:
    """Check a request's parameters, of so many bytes. What the specification does not name is ignored, as it asks."""
    if isinstance(parameters, list):
        raise NotUnderstood(400, "Send one operation in a request: there is no batching.")
    if not isinstance(parameters, dict):
        raise NotUnderstood(400, "The request must be a JSON object.")
    query, name = parameters.get("query"), parameters.get("operationName")
    variables, extensions = parameters.get("variables"), parameters.get("extensions")
    if not isinstance(query, str):
        raise NotUnderstood(400, "The parameter query must be a string.")
    if not isinstance(name, str | None):
        raise NotUnderstood(400, "The parameter operationName must be a string.")
    if not isinstance(variables, dict | None):
        raise NotUnderstood(400, "The parameter variables must be an object.")
    if not isinstance(extensions, dict | None):
        raise NotUnderstood(400, "The parameter extensions must be an object.")
    return Operation(query, name or None, variables or {}, extensions or {}, read_only, wants_cost, size)


def encode(answer: Mapping[str, Any]) -> bytes:
    """Write JSON. What orjson can't (a lone surrogate, an integer beyond 64 bits), the slower json escapes."""
    try:
        return orjson.dumps(answer)
    except TypeError:
        return json.dumps(answer, allow_nan=False, separators=(",", ":")).encode()
