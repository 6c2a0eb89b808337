"""The headers of a request, and of an answer."""

import re
from collections.abc import Iterable, Mapping

from app.fields import joined
from app.outbound.errors import BadHeaders
from app.outbound.targets import Target

# They frame the request, or are for the connection only (RFC 9110, 7.6.1).
OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# RFC 9110, 5.1 and 5.5, in ASCII.
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"([!-~]([\t -~]*[!-~])?)?")
# What is counted is what arrives: nothing is unpacked.
USUAL = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "Billfolk"}


def sent(target: Target, body: bytes, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """What the request's header section has. Raises BadHeaders."""
    given = {name.lower(): value for name, value in headers.items()}
    for name, value in given.items():
        if name in OURS:
            raise BadHeaders(f"The header {name} can't be set.")
        if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            raise BadHeaders("A header's name or value has characters that can't be sent.")
    framing = {"host": target.authority, "content-length": str(len(body))}
    return [(name.encode(), value.encode()) for name, value in (framing | USUAL | given).items()]


def received(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names in lower case; those of one name are one, with commas between (RFC 9110, 5.2)."""
    return joined((name.lower(), value) for name, value in headers)
