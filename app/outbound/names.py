"""Names are looked up by the operating system."""

import asyncio
import socket
from asyncio import Future
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from typing import TypeAlias

from app.outbound.addresses import Address
from app.outbound.errors import Unresolved

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Address]]]

THREADS = 32


class Names:
    """Looks names up in threads of its own.

    A look-up can't be broken off, and how long it takes is for the owner of the name to say: the threads that are
    shared would all be waiting before long, and everything else for them. Who asks for a name that is being looked up
    waits for that, so that one name takes one thread.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "names")
        self._asked: dict[str, Future[Sequence[Address]]] = {}

    async def resolve(self, host: str) -> Sequence[Address]:
        """Its addresses, the best first. Raises Unresolved."""
        if host not in self._asked:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, looked_up, host)
            asked.add_done_callback(partial(self._answered, host))
            self._asked[host] = asked
        # One who has no more patience takes nothing from the others.
        return await asyncio.shield(self._asked[host])

    def _answered(self, host: str, asked: "Future[Sequence[Address]]") -> None:
        del self._asked[host]
        if not asked.cancelled():
            asked.exception()  # Nobody may be waiting for it any more: then it is no fault that nobody saw it.

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def looked_up(host: str) -> Sequence[Address]:
    try:
        # As bytes: a str would be encoded by rules that are older than those by which it was judged.
        found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    except OSError:
        raise Unresolved("Its host's name has no address.") from None
    return [ip_address(address[0]) for *_, address in found]
