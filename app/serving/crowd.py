"""All connections of a process: how many there are, which of them wait, and who has to go."""

import logging
from collections import OrderedDict
from typing import Protocol

from uvicorn.server import ServerState

from app.observing.throttle import Throttle
from app.serving import refusals
from app.serving.limits import Limits
from app.serving.refusals import Refusal

log = logging.getLogger("billfolk")

# Connections that were refused and may still read why.
FAREWELLS = 64


class Connection(Protocol):
    """What a crowd knows of each of its connections."""

    def refuse(self, refusal: Refusal) -> None: ...
    def give_way(self) -> None: ...
    def drop(self) -> None: ...
    def drain(self) -> None: ...
    def abandon(self) -> None: ...
    def check(self, now: float) -> None: ...


class Crowd(ServerState):
    """What uvicorn's protocols share, and what theirs here share beyond that.

    `waiting` are the connections without a request, the longest first: idle, slow to say what they want, or answered
    before they had said all of it. They make room for newcomers, so that whoever opens connections and says nothing
    only displaces their own like.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.present: set[Connection] = set()
        self.waiting: OrderedDict[Connection, None] = OrderedDict()
        self.leaving: OrderedDict[Connection, None] = OrderedDict()
        self.noted = Throttle[str](_tell)

    def enter(self, newcomer: Connection) -> None:
        self.present.add(newcomer)
        if len(self.present) <= self.limits.connections:
            self.waiting[newcomer] = None
        elif self.waiting:
            self.waiting[newcomer] = None
            next(iter(self.waiting)).give_way()
        else:
            newcomer.refuse(refusals.crowded(self.limits.connections))

    def note(self, refusal: Refusal) -> None:
        """Log it, unless there are many alike: then their number."""
        kind = refusal.limit or refusal.status.phrase
        if self.noted.passes(kind):
            log.warning("a request was refused before it was read: %s", kind)

    def wait(self, connection: Connection) -> None:
        self.waiting[connection] = None
        self.waiting.move_to_end(connection)

    def serve(self, connection: Connection) -> None:
        self.waiting.pop(connection, None)

    def dismiss(self, connection: Connection) -> None:
        """It counts no longer. A few of the dismissed are given the time to read why."""
        self.forget(connection)
        self.leaving[connection] = None
        if len(self.leaving) > FAREWELLS:
            next(iter(self.leaving)).drop()

    def forget(self, connection: Connection) -> None:
        self.present.discard(connection)
        self.waiting.pop(connection, None)
        self.leaving.pop(connection, None)

    def check(self, now: float) -> None:
        """Hold every connection to its times."""
        for connection in (*self.present, *self.leaving):
            connection.check(now)

    def drain(self) -> None:
        for connection in tuple(self.present):
            connection.drain()

    def abandon(self) -> None:
        for connection in tuple(self.present):
            connection.abandon()

    def drop(self) -> None:
        for connection in (*self.present, *self.leaving):
            connection.drop()


def _tell(kind: str, count: int) -> None:
    log.warning("%d more requests were refused before they were read: %s", count, kind)
