"""A request's head, judged beyond what the parsers do: by its size, and by what could be read in two ways."""

from collections.abc import Sequence

from app.serving import refusals
from app.serving.limits import Limits
from app.serving.refusals import Refusal


def judge(version: str, headers: Sequence[tuple[bytes, bytes]], limits: Limits) -> Refusal | None:
    """What speaks against a head; names are in lower case. None when nothing does."""
    if version not in {"1.1", "1.0"}:
        return refusals.version()
    if len(headers) > limits.header_fields:
        return refusals.many_fields(limits.header_fields)
    if sum(len(name) + len(value) + 4 for name, value in headers) > limits.header:
        return refusals.large_header(limits.header)
    names = [name for name, _ in headers]
    # RFC 9112, 3.2: exactly one Host, or in 1.0 at most one.
    if names.count(b"host") != 1 and (version == "1.1" or b"host" in names):
        return refusals.malformed()
    if b"transfer-encoding" not in names:
        return None
    # RFC 9112, 6.1: who sends both, or a coding to an HTTP/1.0 that knows none, may be smuggling.
    if b"content-length" in names or version == "1.0":
        return refusals.malformed()
    codings = b",".join(value for name, value in headers if name == b"transfer-encoding")
    return None if codings.strip().lower() == b"chunked" else refusals.coding()
