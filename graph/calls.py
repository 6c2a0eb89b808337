"""One call over HTTP, read once and no further than is needed: Starlette's Request makes far more of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from starlette.types import Receive, Scope

from app.fields import joined
from app.observing import Observation, observation_of


@dataclass(slots=True, eq=False)
class Call:
    """What came, by ASGI, and `answering`: headers that are sent with the answer, whatever that is.

    `headers` are by their names in lower case; one that was repeated is one list (RFC 9110, 5.3).
    """

    scope: Scope
    receive: Receive
    observation: Observation
    method: str
    headers: Mapping[str, str]
    answering: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Self:
        return cls(scope, receive, observation_of(scope), scope["method"], joined(scope["headers"]))

    @property
    def address(self) -> str | None:
        """Where it comes from, as the server's settings on proxies have it; None on a Unix socket."""
        client: tuple[str, int] | None = self.scope.get("client")
        return client[0] if client else None
