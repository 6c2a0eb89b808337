"""The guard of uvicorn's protocol with h11's parser, which is Python and runs everywhere."""

import re
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.serving import heads, refusals
from app.serving.endings import Reading
from app.serving.guard import CHUNK, Guard
from app.serving.refusals import Refusal

HEAD = re.compile(rb".*?\n\r?\n", re.DOTALL)
# A field that goes on in the next line (RFC 9112, 5.2), which some read as a field of its own.
FOLDED = re.compile(rb"\n[ \t]")


class H11(Guard, H11Protocol):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = Connection(self)

    def look(self, raw: bytes) -> Refusal | None:
        """What speaks against a head, complete or not, as it came."""
        line, is_whole, _ = raw.partition(b"\n")
        target = line.partition(b" ")[2].rstrip(b"\r")
        if is_whole:
            target = target.rpartition(b" ")[0]
        if len(target) > self.limits.url:
            return refusals.long_url(self.limits.url)
        head = HEAD.match(raw)
        if head:
            return refusals.malformed() if FOLDED.search(head[0]) else None
        return refusals.large_header(self.limits.header) if len(raw) > self.limits.head else None


class Connection(h11.Connection):
    """h11's, whose guard sees every event before uvicorn does."""

    def __init__(self, guard: H11) -> None:
        super().__init__(h11.SERVER, guard.limits.head)
        self._guard = guard

    def next_event(self) -> Any:
        guard = self._guard
        if self.their_state is h11.IDLE:
            self._accept(guard.look(self.trailing_data[0]))
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._accept(heads.judge(event.http_version.decode(), list(event.headers), guard.limits))
            guard.head_read()
        elif isinstance(event, h11.Data):
            guard.raw -= len(event.data) * CHUNK
        elif isinstance(event, h11.EndOfMessage) and guard.reading is Reading.BODY:
            guard.body_read()
            guard.raw = bool(self.trailing_data[0])
        return event

    def _accept(self, refusal: Refusal | None) -> None:
        if refusal:
            self._guard.refusal = refusal
            raise h11.RemoteProtocolError(refusal.message)
