"""A client, whose names lead where a test says."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from ssl import SSLContext
from typing import Any, TypeAlias

import httpcore2 as httpcore
import pytest

from app.outbound import Terms
from app.outbound.addresses import Address
from app.outbound.calling import Client
from app.outbound.errors import Unresolved
from app.settings.outbound import OutboundSettings
from tests.server import PATIENCE

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PUBLIC = "93.184.215.14"


@dataclass
class Names:
    """Stands in for the names' servers. Of several answers each is given once, and the last for good."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def resolve(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        if host not in self.answers:
            raise Unresolved("There is no such name.")
        answers = self.answers[host]
        return [ip_address(text) for text in (answers.pop(0) if len(answers) > 1 else answers[0])]


@dataclass
class Wire(httpcore.AsyncNetworkBackend):
    """The real network, as far as this machine: it notes who is called, and lets nobody out."""

    called: list[str] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)
    instead: dict[str, str] = field(default_factory=dict)
    real: httpcore.AnyIOBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.called.append(host)
        self.patience.append(timeout or 0)
        if host in self.hanging:
            raise httpcore.ConnectTimeout
        there = ip_address(self.instead.get(host, host))
        if not (getattr(there, "ipv4_mapped", None) or there).is_loopback:
            raise httpcore.ConnectError(OSError("this is as far as tests go"))
        return await self.real.connect_tcp(str(there), port, timeout)


# Once: it takes longer to read them than most tests do.
system_certificates = cache(httpcore.default_ssl_context)


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def wire() -> Wire:
    return Wire()


def terms(**changed: Any) -> Terms:
    """As an operator sets them; that the machine is loaded is no failure, unless a test asks for that one."""
    patient = dict.fromkeys(("outbound_connect_timeout", "outbound_read_timeout", "outbound_timeout"), PATIENCE)
    usual = {"outbound_allow_http": True, "outbound_allowed_networks": LOOPBACK}
    return OutboundSettings(**{**patient, **usual, **changed}).outbound_terms()


Make: TypeAlias = Callable[..., Client]


@pytest.fixture
async def make(names: Names, wire: Wire) -> AsyncIterator[Make]:
    """Makes clients by what is set otherwise than usual."""
    async with AsyncExitStack() as stack:

        def made(ssl_context: SSLContext | None = None, **changed: Any) -> Client:
            client = Client(terms(**changed), names.resolve, ssl_context or system_certificates(), wire)
            stack.push_async_callback(client.close)
            return client

        yield made


@pytest.fixture
def client(make: Make) -> Client:
    return make()
