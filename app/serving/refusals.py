"""What a client is told whose request the application never sees: the same JSON as every other refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from app.errors import RefusalCode

# Seconds after which a client that found no room may come back.
RETRY_AFTER = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """`limit` is the one that was passed, and `most` its value."""

    status: HTTPStatus
    code: RefusalCode
    message: str
    limit: str = ""
    most: float | None = None

    def response(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """HTTP/1.1, with these headers and its own. The connection ends with it."""
        extensions: dict[str, object] = {"code": self.code}
        if self.limit:
            extensions |= {"limit": self.limit, "most": self.most}
        body = orjson.dumps({"errors": [{"message": self.message, "extensions": extensions}]})
        own = {
            b"content-type": b"application/json; charset=utf-8",
            b"content-length": b"%d" % len(body),
            b"cache-control": b"no-store",
            b"connection": b"close",
        }
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            own[b"retry-after"] = b"%d" % RETRY_AFTER
        fields = b"".join(name + b": " + value + b"\r\n" for name, value in {**dict(headers), **own}.items())
        return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (self.status, self.status.phrase.encode(), fields, body)


def malformed() -> Refusal:
    """What is no HTTP/1.1, or may be read in two ways: the stuff that smuggling is made of (RFC 9112, 11.2)."""
    return Refusal(HTTPStatus.BAD_REQUEST, RefusalCode.BAD_USER_INPUT, "The request is not valid HTTP/1.1.")


def version() -> Refusal:
    return Refusal(
        HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, RefusalCode.BAD_USER_INPUT, "Send the request in HTTP/1.1 or HTTP/1.0."
    )


def coding() -> Refusal:
    return Refusal(
        HTTPStatus.NOT_IMPLEMENTED, RefusalCode.BAD_USER_INPUT, "The only transfer coding of a request is chunked."
    )


def long_url(most: int) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        RefusalCode.TOO_LARGE,
        f"A request's URL may be {most} bytes long.",
        "url",
        most,
    )


def large_header(most: int) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        RefusalCode.TOO_LARGE,
        f"A request's header section may hold {most} bytes.",
        "header",
        most,
    )


def many_fields(most: int) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        RefusalCode.TOO_LARGE,
        f"A request's header section may have {most} fields.",
        "header fields",
        most,
    )


def slow(part: str, most: float) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_TIMEOUT,
        RefusalCode.TIMEOUT,
        f"The request's {part} must be sent within {most:g} seconds.",
        f"{part} time",
        most,
    )


def crowded(most: int) -> Refusal:
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        RefusalCode.BUSY,
        "There are too many connections. Try again in a moment.",
        "connections",
        most,
    )


def stopping() -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, RefusalCode.BUSY, "The server is stopping. Send the request again.")
