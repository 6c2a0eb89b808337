"""What a reverse proxy says of the client: its address, and the scheme and the host that it asked for.

Taken from trusted addresses alone, and from the one kind of header that these are known to write: what a proxy passes
on without writing it is the client's own word. (uvicorn's middleware knows neither Forwarded nor hosts.)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

FORWARDED = b"forwarded"
FOR, PROTO, HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
ALL = {FORWARDED, FOR, PROTO, HOST}

# RFC 7239, 4: a token, and a token or a quoted string. Addresses, schemes and hosts hold nothing to be escaped.
PAIR = re.compile(r"""([A-Za-z]+)=("[^"\\]*"|[^\s",;=]+)""")
AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

Networks = Sequence[IPv4Network | IPv6Network]
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Hop:
    """What one proxy says of whoever called it."""

    client: str
    scheme: str = ""
    host: str = ""


class Forwarded:
    """Middleware: `client`, `scheme` and the header Host are the client's, as the trusted `proxies` say.

    The client is the last one in the list that is no trusted proxy: what stands before it is its own word. From others
    than `proxies` the headers are taken away, so that nothing behind can believe them.
    """

    def __init__(self, app: ASGIApp, proxies: Networks, headers: Literal["x-forwarded", "forwarded"]) -> None:
        self._app = app
        self._proxies = proxies
        self._hops = standard if headers == "forwarded" else customary

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(self._told(scope) if scope["type"] == "http" else scope, receive, send)

    def _told(self, scope: Scope) -> Scope:
        headers: Headers = scope["headers"]
        told = {**scope, "headers": [field for field in headers if field[0] not in ALL]}
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._is_trusted(peer):
            return told
        hops = self._hops(headers)
        if not hops:
            return told
        hop = next((hop for hop in reversed(hops) if not self._is_trusted(address(hop.client)[0])), hops[0])
        if hop.client:
            told["client"] = address(hop.client)
        if hop.scheme in {"http", "https"}:
            told["scheme"] = hop.scheme
        if AUTHORITY.fullmatch(hop.host):
            others = [field for field in told["headers"] if field[0] != b"host"]
            told["headers"] = [(b"host", hop.host.encode()), *others]
        return told

    def _is_trusted(self, host: str) -> bool:
        if not self._proxies:
            return False
        try:
            client = ip_address(host)
        except ValueError:
            return False
        return any(client in network for network in self._proxies)


def customary(headers: Headers) -> list[Hop]:
    """X-Forwarded-*: each proxy adds to the first, and writes the others anew."""
    scheme, host = ((listed(headers, name) or [""])[-1] for name in (PROTO, HOST))
    return [Hop(client, scheme.lower(), host) for client in listed(headers, FOR) or [""]]


def standard(headers: Headers) -> list[Hop]:
    """Forwarded, of RFC 7239: each proxy adds an element. What a client had put before them may be anything."""
    return [_element(text) for text in listed(headers, FORWARDED)]


def _element(text: str) -> Hop:
    said = {name.lower(): value.strip('"') for name, value in PAIR.findall(text)}
    return Hop(said.get("for", ""), said.get("proto", "").lower(), said.get("host", ""))


def listed(headers: Headers, name: bytes) -> list[str]:
    text = b",".join(value for key, value in headers if key == name).decode("latin-1")
    return [item.strip() for item in text.split(",") if item.strip()]


def address(node: str) -> tuple[str, int]:
    """Host and port: of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` and `[2001:db8::1]:80`; port 0 when unknown."""
    if node.startswith("["):
        host, _, port = node[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = node.partition(":") if node.count(":") == 1 else (node, "", "")
    return host, int(port) if port.isdecimal() and len(port) <= 5 else 0
