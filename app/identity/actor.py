"""In whose name a call acts, and what it may do."""

import hashlib
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


# What the id of an actor who came with a token begins with, so that no subject can call itself by a key's id.
SUBJECT = "sub:"

DEFAULT_SCOPES = frozenset({Scope.READ, Scope.WRITE})


@dataclass(frozen=True, slots=True)
class Actor:
    """In whose name a call acts. All that it reads or writes lies in this one tenant and environment.

    `expires_at` is when its key ends, if ever: no key that it makes ends later.
    """

    tenant_id: str
    environment_id: str
    id: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    @property
    def alias(self) -> str:
        """Its id as logs may have it. Of a token's subject, which may be an email address, only a digest."""
        if not self.id.startswith(SUBJECT):
            return self.id
        return SUBJECT + hashlib.sha256(self.id.encode()).hexdigest()[:16]

    def allowed(self, scope: Scope) -> Self:
        """This actor, or a refusal when it lacks the scope."""
        if scope not in self.scopes:
            raise Refused(RefusalCode.FORBIDDEN, f"The caller lacks the scope {scope}.")
        return self
