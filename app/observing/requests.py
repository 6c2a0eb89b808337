"""One request, as operators may be told of it, and who tells them."""

import random
import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identity import Actor

KEY = "billfolk.observation"
NOTHING = nullcontext()
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})

# Short, printable, and no secret that was put into the wrong header: neither a key nor a JWT.
_REQUEST_ID = re.compile(rb"(?!sk_|eyJ)[A-Za-z0-9._-]{1,128}").fullmatch


@dataclass(slots=True)
class Observation:
    """What is told of one request. Of what the client wrote it holds the request's id and the operation's name alone.

    `route` is one of ours, or none. `status` stays 0 when the client left before it was answered; `bytes` are those of
    the answer's body. `fields` are names of the schema.
    """

    request_id: str
    method: str
    route: str | None = None
    began: float = field(default_factory=perf_counter)
    seconds: float = 0.0
    status: int = 0
    bytes: int = 0
    actor: Actor | None = None
    operation_type: str | None = None
    operation_name: str | None = None
    fields: Sequence[str] = ()
    codes: Sequence[str] = ()
    was_known: bool | None = None  # the document: whether it had been validated before
    was_executed: bool = False
    client: str | None = None
    trace_id: str | None = None
    executing: AbstractContextManager[object] = NOTHING  # around the operation


class Observer(Protocol):
    """Is told when a request begins, and when it has ended: in the request's own task."""

    def begun(self, observation: Observation, scope: Scope) -> None: ...

    def ended(self, observation: Observation) -> None: ...


class Observed:
    """Shows each request of an application to the observers. `routes` are those that they may tell apart."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer], routes: Collection[str] = ()) -> None:
        self._app = app
        self._observers = observers
        self._routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        observation = observation_of(scope)
        if scope["path"] in self._routes:
            observation.route = scope["path"]

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
            else:
                observation.bytes += len(message.get("body", b""))
            await send(message)

        for observer in self._observers:
            observer.begun(observation, scope)
        try:
            await self._app(scope, receive, observed)
        except Exception:
            observation.status = 500
            raise
        finally:
            observation.seconds = perf_counter() - observation.began
            for observer in self._observers:
                observer.ended(observation)


def observation_of(scope: Scope) -> Observation:
    """The request's; begun here, when nobody observes it yet."""
    found: Observation | None = scope.get(KEY)
    if found is None:
        method = scope["method"]
        found = Observation(_request_id(scope), method if method in METHODS else "_OTHER")
        scope[KEY] = found
    return found


def _request_id(scope: Scope) -> str:
    """Keep the client's or the proxy's id, when there is one and it is safe to log and to send back."""
    sent = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(sent) == 1 and _REQUEST_ID(sent[0]):
        return bytes(sent[0]).decode()
    # Others may guess it: it opens nothing.
    return f"{random.getrandbits(128):032x}"
