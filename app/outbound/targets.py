"""What a URL names, judged before anything is looked up."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address

import httpx2 as httpx

from app.outbound.addresses import Address, may_be_called
from app.outbound.errors import BadURL, NotPublic
from app.outbound.terms import Terms

PORTS = {"http": 80, "https": 443}
# RFC 1123, 2.1, and the underscores that people use all the same.
NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
# What `inet_aton` takes for an IPv4 address, in hexadecimal and octal too, or shorter than four numbers
# (https://url.spec.whatwg.org/#ends-in-a-number-checker).
ENDS_IN_A_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is a name in lower case, or an IP address; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: bytes

    @property
    def authority(self) -> str:
        """What the request's `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, terms: Terms) -> Target:
    """Where the URL leads. Raises BadURL, or NotPublic when that is plain without looking a name up."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise BadURL("It is not a URL.") from None
    if parsed.scheme not in PORTS or not parsed.host:
        raise BadURL("It is not an absolute URL of https.")
    if parsed.scheme == "http" and not terms.allows_http:
        raise BadURL("It must be https, not http.")
    if parsed.userinfo:
        raise BadURL("It must not have a user name or a password.")
    port = parsed.port if parsed.port is not None else PORTS[parsed.scheme]
    if not any(port in ports for ports in terms.ports):
        raise BadURL("Its port is not called.")
    return Target(parsed.scheme, _host(parsed, terms), port, parsed.raw_path)


def _host(parsed: httpx.URL, terms: Terms) -> str:
    # In ASCII. One dot at the end is no part of the name as certificates have it.
    host = parsed.raw_host.decode("ascii").removesuffix(".")
    address = literal(host)
    if address is None:
        if not NAME.fullmatch(host):
            raise BadURL("Its host is not a name.")
        return host
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise BadURL("Its host is an address of one network only.")
    if not may_be_called(address, terms.allowed_networks):
        raise NotPublic("Its host is not a public address.")
    return str(address)


def literal(host: str) -> Address | None:
    """The IP address that the host is, if it is none that has to be looked up."""
    if ":" in host:
        return ip_address(host)
    if not ENDS_IN_A_NUMBER.fullmatch(host):
        return None
    try:
        return IPv4Address(host)
    except AddressValueError:
        raise BadURL("Its host is not an IP address in its usual form.") from None
