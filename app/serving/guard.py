"""What uvicorn's HTTP protocols lack: sizes, times, an end for whoever lingers, and refusals in JSON.

A connection reads a head, then its body, then the next head; meanwhile it may be answering. Times are looked at twice
a second, for all connections together: that costs a request nothing.
"""

import asyncio
from typing import Any

from app.serving import refusals
from app.serving.endings import Endings, Reading
from app.serving.refusals import Refusal

# What a chunk's head may come to, in bytes, for each byte of the chunk.
CHUNK = 16


class Guard(Endings):
    """Goes before one of uvicorn's protocols. The subclass for its parser tells when a head or a body is read."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.crowd = options["server_state"]
        self.limits = self.crowd.limits
        self.reading = Reading.HEAD
        self.since = self.loop.time()
        # The bytes that came of this head, or beside this body: its chunks' heads and its trailers.
        self.raw = 0
        self.unsent_since = None
        self.refusal: Refusal | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.crowd.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.crowd.forget(self)

    def data_received(self, data: bytes) -> None:
        if self.reading is Reading.NOTHING:
            return
        if self.reading is Reading.HEAD and not self.raw:
            # Empty lines before a request are no part of it (RFC 9112, 2.2).
            data = data.lstrip(b"\r\n")
            if not data:
                return
            self.since = self.loop.time()
        self.raw += len(data)
        super().data_received(data)
        if self.raw > self.limits.header:
            self._judge_raw()

    def _judge_raw(self) -> None:
        if self.reading is Reading.BODY:
            self.refuse(refusals.malformed())
        elif self.raw > self.limits.head:
            self.refuse(refusals.large_header(self.limits.header))

    def head_read(self) -> None:
        """A request is there. Its body follows, if only an empty one."""
        self.reading, self.since, self.raw, self.unsent_since = Reading.BODY, self.loop.time(), 0, None
        self.crowd.serve(self)

    def body_read(self) -> None:
        self.reading, self.raw = Reading.HEAD, 0
        self.wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # type: ignore[misc]  # uvicorn's
        self.wait()

    def wait(self) -> None:
        """Nothing is being answered: so the client is waited for, from now on."""
        if self.is_answering or self.reading is Reading.NOTHING or self.transport.is_closing():
            return
        self.since = self.loop.time()
        self.crowd.wait(self)

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when its parser gives up."""
        self.refuse(self.refusal or refusals.malformed())

    def _unsupported_upgrade_warning(self) -> None:
        """What uvicorn calls when a client offers another protocol: no reason to write to the log."""
