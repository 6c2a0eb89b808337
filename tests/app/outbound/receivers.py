"""The other end: real sockets, that do whatever a test wants."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """What came. `ended` is set when a connection is closed on this side, too."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def request(self, reader: StreamReader) -> None:
        """The next request, to the end of its body."""
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
        self.requests.append(head + await reader.readexactly(int(fields[b"content-length"])))
        self.reached.set()


Behaviour: TypeAlias = Callable[[Receiver, StreamReader, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiving(
    behaviour: Behaviour, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    handlers: set[asyncio.Task[None] | None] = set()

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        receiver.connections += 1
        handlers.add(asyncio.current_task())
        # A handler that is cancelled ends like others: asyncio would log it as a failure.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await behaviour(receiver, reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        receiver.ended.set()

    server = await asyncio.start_server(handle, host, port, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for handler in filter(None, handlers):
            handler.cancel()
        await asyncio.gather(*filter(None, handlers), return_exceptions=True)
        await server.wait_closed()


def answering(answer: bytes = OK) -> Behaviour:
    """Says that to one request, and closes."""

    async def behave(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
        await receiver.request(reader)
        writer.write(answer)

    return behave


async def serving(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
    """Answers as long as somebody asks."""
    while True:
        await receiver.request(reader)
        writer.write(OK)


async def silent(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
    """Reads the request, and says nothing."""
    await receiver.request(reader)
    await reader.read()


async def mute(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
    """Takes the connection, and nothing more of it."""
    await asyncio.Event().wait()


async def endless(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
    """Writes a body until nobody reads it."""
    await receiver.request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 10_000)
        await writer.drain()


async def dripping(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
    """The same, a byte at a time."""
    await receiver.request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)
