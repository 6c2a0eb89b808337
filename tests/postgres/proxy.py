"""A TCP proxy that cuts a client off at its COMMIT: the answer that decides what happened never arrives."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.postgres.wire import Statements, greet, receive

# A simple query may hold several statements: it is the last one that ends the transaction for good.
COMMIT = re.compile(r"(?:^|;)\s*(?:COMMIT|END)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Cut:
    """An order to cut at the next statement that matches."""

    statement: re.Pattern[str]
    forward: bool
    done: asyncio.Future[str]

    def finish(self, tag: str) -> None:
        if not self.done.done():  # a test that gave up waiting has cancelled it
            self.done.set_result(tag)


class Proxy:
    """Forwards to one server, in the clear. Clients must await each answer before the next request, as asyncpg does."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._clients: dict[asyncio.Task[None], StreamWriter] = {}
        self._order: Cut | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The upstream URL, by way of the proxy."""
        account, at, _ = self._upstream.netloc.rpartition("@")
        return self._upstream._replace(netloc=f"{account}{at}127.0.0.1:{self.port}").geturl()

    def cut_next_commit(self, statement: re.Pattern[str] = COMMIT) -> asyncio.Future[str]:
        """Let the next COMMIT take effect, keep the server's answer to it, and close the connection.

        The future gets the answer's command tag (`COMMIT`), or `ERROR` if the server refused. A pattern of its text
        cuts a transaction that is one statement without a COMMIT.
        """
        return self._cut(statement, forward=True)

    def cut_before_next_commit(self, statement: re.Pattern[str] = COMMIT) -> asyncio.Future[str]:
        """Close the connection instead of forwarding the next COMMIT, which to the client looks the same.

        The future gets "". The server rolls back once it notices, which may be a moment later.
        """
        return self._cut(statement, forward=False)

    def cut_all(self) -> None:
        """Close every open connection now."""
        for client in self._clients.values():
            client.transport.abort()

    async def aclose(self) -> None:
        tasks = [*self._clients]
        self.cut_all()
        await asyncio.gather(*tasks)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        try:
            await self._forward(reader, writer)
        finally:
            writer.transport.abort()
            del self._clients[task]

    def _cut(self, statement: re.Pattern[str], *, forward: bool) -> asyncio.Future[str]:
        self._order = Cut(statement, forward, asyncio.get_running_loop().create_future())
        return self._order.done

    async def _forward(self, from_client: StreamReader, to_client: StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(self._upstream.hostname, self._upstream.port or 5432)
        except OSError:
            return
        taken: list[Cut] = []  # this connection's, once it met the statement of the order

        async def requests() -> None:
            statements = Statements()
            to_server.write(await greet(from_client, to_client))
            while True:
                message = await receive(from_client)
                text = statements.executed_by(message)
                if self._order and text is not None and self._order.statement.search(text):
                    cut, self._order = self._order, None
                    if not cut.forward:
                        return cut.finish("")
                    taken.append(cut)
                to_server.write(message.raw)
                await to_server.drain()

        async def answers() -> None:
            tag = ""
            while True:
                message = await receive(from_server)
                match message.kind:
                    case _ if not taken:
                        to_client.write(message.raw)
                        await to_client.drain()
                    case b"C":  # command complete
                        tag = message.body.rstrip(b"\0").decode()
                    case b"E":  # error
                        tag = "ERROR"
                    case b"Z":  # ready for the next query: the transaction's end is decided
                        return taken[0].finish(tag)

        async def until_closed(pump: Coroutine[Any, Any, None]) -> None:
            try:
                with suppress(asyncio.IncompleteReadError, ConnectionError):
                    await pump
            finally:  # either side's end is the other's
                to_client.transport.abort()
                to_server.transport.abort()

        await asyncio.gather(until_closed(requests()), until_closed(answers()))


@asynccontextmanager
async def proxy(upstream: str) -> AsyncIterator[Proxy]:
    """A proxy in front of the server at `upstream` (`postgresql://…`, one host), in the running event loop."""
    middle = Proxy(upstream)
    listener = await asyncio.start_server(middle.serve, "127.0.0.1", 0)
    middle.port = listener.sockets[0].getsockname()[1]
    try:
        yield middle
    finally:
        listener.close()
        await middle.aclose()
        await listener.wait_closed()
