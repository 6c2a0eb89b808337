"""The network as outbound calls see it: what is not public is not there."""

import asyncio
from collections.abc import Iterable, Sequence
from time import monotonic

import httpcore2 as httpcore

from app.outbound.addresses import Address, Network, may_be_called
from app.outbound.errors import NotPublic, TimedOut, Unanswered, Unreachable, Unresolved
from app.outbound.names import Resolve
from app.outbound.targets import literal
from app.timeouts import wait_until

# Of a name that has more, the others are not tried.
MOST_TRIED = 4


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Looks a name up once, judges all that it leads to, and connects to just that.

    So no second answer of a name's server is ever asked for; the name stays what TLS verifies.
    """

    def __init__(
        self, resolve: Resolve, allowed: Sequence[Network], wire: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._wire = wire or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        assert timeout is not None  # noqa: S101 - every request has one
        end = monotonic() + timeout
        addresses = (await self._addresses(host, end))[:MOST_TRIED]
        for place, address in enumerate(addresses):
            # Each has its share: the first may be of a kind that leads nowhere from here.
            share = (end - monotonic()) / (len(addresses) - place)
            try:
                return await self._wire.connect_tcp(str(address), port, share, local_address, socket_options)
            except httpcore.ConnectTimeout:
                failure: Unanswered = TimedOut("It took too long to connect.")
            except httpcore.ConnectError:
                failure = Unreachable("Its host can't be connected to.")
        raise failure

    async def _addresses(self, host: str, end: float) -> Sequence[Address]:
        if (address := literal(host)) is not None:
            found: Sequence[Address] = [address]
        else:
            try:
                found = await wait_until(end, self._resolve(host))
            except TimeoutError:
                raise TimedOut("It took too long to look its host's name up.") from None
        if not found:
            raise Unresolved("Its host's name has no address.")
        if not all(may_be_called(address, self._allowed) for address in found):
            # Not one of them is called: whoever mixes them in means no good, or is wrong.
            raise NotPublic("Its host's name leads to an address that is not public.")
        return list(dict.fromkeys(found))

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NotPublic("A socket of this machine is not public.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
