"""As much of PostgreSQL's wire protocol (version 3) as it takes to know which statement a client makes it execute.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field
from typing import NamedTuple

SSL_REQUEST, GSSENC_REQUEST = 80877103, 80877104


class Message(NamedTuple):
    kind: bytes
    body: bytes
    raw: bytes


@dataclass
class Statements:
    """What one client has prepared and bound so far."""

    prepared: dict[bytes, str] = field(default_factory=dict)
    portals: dict[bytes, str] = field(default_factory=dict)

    def executed_by(self, message: Message) -> str | None:
        """The text of what this message makes the server execute; None for a message that executes nothing."""
        names = message.body.split(b"\0", 2)
        match message.kind:
            case b"Q":  # a simple query, of one statement or several
                return names[0].decode()
            case b"P":  # parse: name, text
                self.prepared[names[0]] = names[1].decode()
            case b"B":  # bind: portal, name
                self.portals[names[0]] = self.prepared.get(names[1], "")
            case b"E":  # execute: portal
                return self.portals.get(names[0])
        return None


async def greet(reader: StreamReader, writer: StreamWriter) -> bytes:
    """The start-up packet, the one message without a type. Encryption is refused: we could not read what follows."""
    while True:
        head = await reader.readexactly(8)
        if int.from_bytes(head[4:]) not in (SSL_REQUEST, GSSENC_REQUEST):
            return head + await reader.readexactly(int.from_bytes(head[:4]) - 8)
        writer.write(b"N")


async def receive(reader: StreamReader) -> Message:
    head = await reader.readexactly(5)
    body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
    return Message(head[:1], body, head + body)
