"""In whose name a call acts, and what it may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.errors import RefusalCode, Refused


class Scope(StrEnum):
    """What a key may do."""

    READ = "customers:read"
    WRITE = "customers:write"
    ADMIN = "admin"


DEFAULT_SCOPES = frozenset({Scope.READ, Scope.WRITE})


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name a call acts. All that it reads or writes lies in this one tenant and environment.

    `expires_at` is when its key ends, if ever.
    """

    tenant_id: str
    environment_id: str
    id: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    def allowed(self, scope: Scope) -> Self:
        """This actor, or a refusal when it lacks the scope."""
        if scope not in self.scopes:
            raise Refused(RefusalCode.FORBIDDEN, f"This API key lacks the scope {scope}.")
        return self
