"""API keys made by those who hold one: within one tenant and environment, for no more than theirs, and no longer.

Not among `app.identity`'s own names, nor is revoking: idempotency, which both need, is built on those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from app import choices, idempotency
from app.errors import RefusalCode, Refused
from app.identity import DEFAULT_SCOPES, Actor, NewKey, Scope
from app.identity.keys import key_of, within
from app.identity.tables import API_KEYS, ApiKey
from app.validation import FieldProblem, Invalid, judge_key


@dataclass(frozen=True, slots=True)
class Granted:
    """A key that is stored now. `secret` is None in a replay: it was told once, and is not stored."""

    key: ApiKey
    secret: str | None = field(repr=False)

    @property
    def replayed(self) -> bool:
        return self.secret is None


@dataclass(frozen=True, slots=True)
class Grant:
    """A key to be made for its maker's own tenant and environment."""

    actor: Actor
    new: NewKey
    idempotency_key: str | None = None

    def apply(self, connection: Connection) -> Granted:
        self._hold_maker(connection)
        if self.idempotency_key is not None:
            used = idempotency.claim(
                connection, self.actor, self.idempotency_key, "createApiKey", self._fingerprint(), self.new.at
            )
            # Our own id: the first try was committed, and only its answer was lost, the secret with it.
            if used is not None and used.outcome["key_id"] != self.new.id:
                return Granted(key_of(connection, self.actor, used.outcome["key_id"]), secret=None)
            idempotency.settle(connection, self.actor, self.idempotency_key, {"key_id": self.new.id})
        self.new.apply(connection)
        return Granted(key_of(connection, self.actor, self.new.id), self.new.secret)

    def _hold_maker(self, connection: Connection) -> None:
        # Once a key is revoked it makes no other, not even by a call that was on its way.
        maker = select(API_KEYS.c.revoked_at).where(within(self.actor), API_KEYS.c.id == self.actor.id)
        if connection.execute(maker.with_for_update(read=True)).scalar():
            raise Refused(RefusalCode.UNAUTHENTICATED, "This API key has been revoked.")

    def _fingerprint(self) -> str:
        expires_at = self.new.expires_at and self.new.expires_at.isoformat()
        return idempotency.fingerprint({"scopes": sorted(self.new.scopes), "expires_at": expires_at})


def grant(
    actor: Actor,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    idempotency_key: str | None = None,
) -> Grant:
    """The change that makes a key which may do no more than its maker, and no longer.

    Without scopes it reads and writes, as far as its maker does; without an expiry it ends when its maker does.
    Applying it raises `IdempotencyConflict`.
    """
    now = datetime.now(UTC)
    asked = sorted(DEFAULT_SCOPES & actor.scopes) if scopes is None else scopes
    problems = [*_wrong_scopes(actor, asked), *_wrong_expiry(actor, expires_at, now), *judge_key(idempotency_key)]
    if problems:
        raise Invalid(problems, path=())
    new = NewKey(
        actor.tenant_id,
        actor.environment_id,
        frozenset(map(Scope, asked)),
        expires_at or actor.expires_at,
        created_by=actor.id,
        at=now,
    )
    return Grant(actor, new, idempotency_key)


def _wrong_scopes(actor: Actor, scopes: Sequence[str]) -> Iterator[FieldProblem]:
    own = sorted(actor.scopes)
    if not scopes:
        limits = {"allowed": own, "suggestion": None}
        yield FieldProblem("INVALID_CHOICE", "A key has at least one scope.", ("scopes",), limits)
    if len(scopes) > len(Scope):
        counts = {"min": 1, "max": len(Scope), "actual": len(scopes)}
        yield FieldProblem("TOO_MANY", f"There are only {len(Scope)} scopes.", ("scopes",), counts)
        return
    for index, scope in enumerate(scopes):
        if scope not in actor.scopes:
            nearest = next(iter(choices.near(scope.casefold(), own)), None)
            message = "A key has only scopes of its maker."
            yield FieldProblem("INVALID_CHOICE", message, ("scopes", index), {"allowed": own, "suggestion": nearest})


def _wrong_expiry(actor: Actor, expires_at: datetime | None, now: datetime) -> Iterator[FieldProblem]:
    if expires_at is None:
        return
    if expires_at <= now:
        yield FieldProblem("INVALID_CHOICE", "This must be in the future.", ("expires_at",), {})
    elif actor.expires_at is not None and expires_at > actor.expires_at:
        latest = actor.expires_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        limits = {"allowed": [latest], "suggestion": latest}
        yield FieldProblem("INVALID_CHOICE", "A key can't outlive the key that makes it.", ("expires_at",), limits)
