"""How a connection ends: with a reason, without one, or with its last answer."""

import asyncio
from enum import Enum, auto
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from app.serving import refusals
from app.serving.crowd import Crowd
from app.serving.limits import Limits
from app.serving.refusals import Refusal

# Seconds that a client has to read why it is refused, or to see that its answer is there before its body went out.
FAREWELL = 2.0


class Reading(Enum):
    """What a connection reads: requests' heads and bodies in turn, and nothing once it is about to end."""

    HEAD = auto()
    BODY = auto()
    NOTHING = auto()


class Endings(asyncio.Protocol):
    """Goes before one of uvicorn's protocols; the first names are theirs."""

    transport: asyncio.Transport
    flow: FlowControl
    loop: asyncio.AbstractEventLoop
    cycle: Any

    crowd: Crowd
    limits: Limits
    reading: Reading
    since: float
    raw: int
    unsent_since: float | None

    @property
    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.disconnected

    @property
    def is_queueing(self) -> bool:
        """Whether what is read now is answered only after what was read before."""
        return False

    def refuse(self, refusal: Refusal) -> None:
        """Say no, and read no more. An answer to an earlier request goes first, and is then the last."""
        if self.transport.is_closing():
            self.crowd.dismiss(self)
            return
        self.crowd.note(refusal)
        if self.is_answering and self.reading is Reading.HEAD:
            self.reading, self.cycle.keep_alive = Reading.NOTHING, False
            return
        if self.is_answering and (self.is_queueing or self.cycle.response_started):
            self.drop()
            return
        is_answered = self.reading is Reading.BODY and not self.is_answering
        if self.is_answering:
            # Whoever waits for the body learns that there won't be one.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not is_answered:
            self.transport.write(refusal.response(self.crowd.default_headers))
        self._leave()

    def _leave(self) -> None:
        """End the answer, but go on reading for a moment: closed at once, what was written may never be read."""
        self.reading, self.since = Reading.NOTHING, self.loop.time()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.crowd.dismiss(self)

    def give_way(self) -> None:
        """Make room. To a connection that was of use before, an answer to no request would only be a riddle."""
        if self.raw or self.cycle is None or self.reading is Reading.BODY:
            self.refuse(refusals.crowded(self.limits.connections))
        else:
            self.close()

    def close(self) -> None:
        self.crowd.dismiss(self)
        self.transport.close()

    def drop(self) -> None:
        self.crowd.forget(self)
        self.transport.abort()

    def drain(self) -> None:
        """The server is about to stop: the answer that is being made says so."""
        if self.is_answering:
            self.cycle.default_headers = self.crowd.default_headers

    def abandon(self) -> None:
        """The server stops now: whoever still waits for an answer is told that there won't be one."""
        if self.is_answering and not self.is_queueing and not self.cycle.response_started:
            self.reading = Reading.BODY
            self.refuse(refusals.stopping())

    def shutdown(self) -> None:
        """What uvicorn calls when the server stops: what was asked is answered, nothing else is read."""
        if self.is_answering:
            self.cycle.keep_alive = False
        elif self.reading is Reading.HEAD and self.raw:
            self.refuse(refusals.stopping())
        elif self.reading is not Reading.NOTHING:
            self.close()

    def check(self, now: float) -> None:
        """Hold the client to its times."""
        waited = now - self.since
        if not self.transport.get_write_buffer_size():
            self.unsent_since = None
        elif self.unsent_since is None:
            self.unsent_since = now
        elif now - self.unsent_since > self.limits.answer_timeout:
            self.drop()
        if self.transport.is_closing():
            return
        if self.is_answering:
            if self.reading is Reading.BODY and self.flow.read_paused:
                self.since = now  # it is the application that takes its time
            elif self.reading is Reading.BODY and waited > self.limits.body_timeout:
                self.refuse(refusals.slow("body", self.limits.body_timeout))
        elif self.reading is not Reading.HEAD:
            if waited > FAREWELL:
                self.drop()
        elif (self.raw or self.cycle is None) and waited > self.limits.header_timeout:
            if self.raw:
                self.refuse(refusals.slow("header", self.limits.header_timeout))
            else:
                self.close()
