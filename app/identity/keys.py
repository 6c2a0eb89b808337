"""API keys: made, listed, revoked, and turned into the actor that a call acts as."""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, and_, false, or_, select, update

from app import ids
from app.database import InsertNew, record
from app.identity.actor import DEFAULT_SCOPES, Actor, Scope
from app.identity.errors import ApiKeyNotFound
from app.identity.tables import API_KEYS, ENVIRONMENTS, TENANTS, ApiKey

_insert_tenant = InsertNew(TENANTS, TENANTS.c.id)
_insert_environment = InsertNew(ENVIRONMENTS, ENVIRONMENTS.c.id)
_insert_key = InsertNew(API_KEYS, API_KEYS.c.id)


SECRET = re.compile(r"sk_[A-Za-z0-9_-]{43}")


def digest_of(secret: str) -> str:
    """SHA-256, in hexadecimal. A key has 256 random bits, so neither salt nor stretching would add anything."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made, with its tenant and environment when they are new. `secret` is shown once."""

    tenant_id: str
    environment_id: str
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    expires_at: datetime | None = None
    created_by: str | None = None
    id: str = field(default_factory=lambda: ids.new(ids.API_KEY))
    secret: str = field(default_factory=lambda: f"sk_{secrets.token_urlsafe(32)}", repr=False)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> Self:
        _insert_tenant(connection, [{"id": self.tenant_id, "created_at": self.at}])
        _insert_environment(
            connection, [{"tenant_id": self.tenant_id, "id": self.environment_id, "created_at": self.at}]
        )
        _insert_key(
            connection,
            [
                {
                    "tenant_id": self.tenant_id,
                    "environment_id": self.environment_id,
                    "id": self.id,
                    "digest": digest_of(self.secret),
                    "scopes": ",".join(sorted(self.scopes)),
                    "created_at": self.at,
                    "created_by": self.created_by,
                    "expires_at": self.expires_at,
                }
            ],
        )
        return self


@dataclass(frozen=True, slots=True)
class FirstKey:
    """The key of a database that has no tenant yet; None when it has one, whoever made it."""

    new: NewKey

    def apply(self, connection: Connection) -> NewKey | None:
        if connection.execute(select(TENANTS.c.id).limit(1)).first():
            return None
        return self.new.apply(connection)


@dataclass(frozen=True, slots=True)
class Revocation:
    """The end of a key, found by its id. Answers whether there was such a key, still good."""

    key_id: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def apply(self, connection: Connection) -> bool:
        revoked = connection.execute(
            update(API_KEYS)
            .where(API_KEYS.c.id == self.key_id, API_KEYS.c.revoked_at.is_(None))
            .values(revoked_at=self.at)
        )
        return revoked.rowcount > 0


def keys(connection: Connection) -> Sequence[Row[Any]]:
    """Every key, revoked ones too, oldest first."""
    return connection.execute(select(API_KEYS).order_by(API_KEYS.c.created_at, API_KEYS.c.id)).all()


def keys_of(connection: Connection, actor: Actor) -> list[ApiKey]:
    """Every key of the actor's environment, ended ones too, oldest first."""
    statement = select(API_KEYS).where(within(actor)).order_by(API_KEYS.c.created_at, API_KEYS.c.id)
    return [record(ApiKey, row._mapping) for row in connection.execute(statement)]


def key_of(connection: Connection, actor: Actor, key_id: str) -> ApiKey:
    """The key of the actor's environment with the id. Raises `ApiKeyNotFound`."""
    row = connection.execute(select(API_KEYS).where(within(actor), API_KEYS.c.id == key_id)).first()
    if row is None:
        raise ApiKeyNotFound
    return record(ApiKey, row._mapping)


def within(actor: Actor) -> ColumnElement[bool]:
    return and_(API_KEYS.c.tenant_id == actor.tenant_id, API_KEYS.c.environment_id == actor.environment_id)


def actors_of(connection: Connection, digests: Collection[str]) -> dict[str, Actor]:
    """Whom keys stand for, by their digests; none for those that are unknown, revoked or past their time."""
    statement = select(API_KEYS).where(API_KEYS.c.digest.in_(digests), API_KEYS.c.revoked_at.is_(None))
    return {key.digest: _actor(key) for key in connection.execute(statement) if not is_past(key.expires_at)}


def is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= datetime.now(UTC)


def _actor(key: Row[Any]) -> Actor:
    scopes = frozenset(map(Scope, key.scopes.split(",")))
    return Actor(key.tenant_id, key.environment_id, key.id, scopes, key.expires_at)


def environments_of(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    """Which of the (tenant, environment) there are. Not by rows of values: SQLite reads the whole table for those."""
    columns = ENVIRONMENTS.c
    each = (and_(columns.tenant_id == tenant, columns.id == environment) for tenant, environment in wanted)
    found = connection.execute(select(columns.tenant_id, columns.id).where(or_(false(), *each)))
    return {(row.tenant_id, row.id): True for row in found}
