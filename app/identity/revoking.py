"""API keys ended by those who hold one, within one tenant and environment."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, func, literal, update

from app import idempotency, ids
from app.database import Timestamp
from app.identity import Actor
from app.identity.errors import ApiKeyNotFound
from app.identity.keys import key_of, within
from app.identity.tables import API_KEYS, ApiKey
from app.validation import Invalid, judge_key


@dataclass(frozen=True, slots=True)
class Revoked:
    """A key that has ended. `replayed`: by the same call, made before."""

    key: ApiKey
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class KeyRevocation:
    """The end of a key, at once. One that was revoked before stays as it is."""

    actor: Actor
    key_id: str
    idempotency_key: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> Revoked:
        used = None
        if self.idempotency_key is not None:
            asked = idempotency.fingerprint({"id": self.key_id})
            used = idempotency.claim(connection, self.actor, self.idempotency_key, "revokeApiKey", asked, self.at)
        if not ids.is_well_formed(ids.API_KEY, self.key_id):
            raise ApiKeyNotFound
        first = func.coalesce(API_KEYS.c.revoked_at, literal(self.at, Timestamp()))
        connection.execute(
            update(API_KEYS).where(within(self.actor), API_KEYS.c.id == self.key_id).values(revoked_at=first)
        )
        return Revoked(key_of(connection, self.actor, self.key_id), replayed=used is not None)


def revoke(actor: Actor, key_id: str, idempotency_key: str | None = None) -> KeyRevocation:
    """The change that ends a key, the actor's own too. Applying it raises `IdempotencyConflict` or `ApiKeyNotFound`."""
    if problems := judge_key(idempotency_key):
        raise Invalid(problems, path=())
    return KeyRevocation(actor, key_id, idempotency_key)
