"""Idempotency keys: a call that is made again has its effect once.

The key is stored in the transaction of its effect, with a fingerprint of what was asked, so there is no
moment at which one exists without the other.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Column, ColumnElement, Connection, Index, Row, and_, select, update
from sqlmodel import Field, SQLModel

from app.database import InsertNew, Json, Text, Timestamp, table_of
from app.errors import Expected, Path
from app.identity import Actor, digest_of


class IdempotencyConflict(Expected):
    """The key was used before, with other input or for another operation."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, path: Path = ("idempotency_key",)) -> None:
        super().__init__("This idempotency key was used before, with other input. Send a new key.", path)


class IdempotencyKey(SQLModel, table=True):
    """A key that was used, and by what.

    `key` is a digest: callers build keys of what they have at hand, such as an email address. `outcome` holds ids.
    """

    __tablename__ = "idempotency_keys"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    operation: str = Field(sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    outcome: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_type=Timestamp)

    __table_args__ = (
        Index("ix_idempotency_keys_created_at", "created_at"),
        {"sqlite_strict": True},
    )


KEYS = table_of(IdempotencyKey)
insert = InsertNew(KEYS, KEYS.c.tenant_id, KEYS.c.environment_id, KEYS.c.key)


def fingerprint(asked: BaseModel | Mapping[str, Any]) -> str:
    """SHA-256 of the normalised input: two calls that mean the same have the same."""
    values = asked.model_dump(mode="json") if isinstance(asked, BaseModel) else asked
    # Escaped: what was asked may hold half of a surrogate pair, which is no UTF-8.
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def row_of(
    actor: Actor, key: str, operation: str, fingerprint: str, outcome: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """The row that stands for a used key."""
    return {
        "tenant_id": actor.tenant_id,
        "environment_id": actor.environment_id,
        "key": digest_of(key),
        "operation": operation,
        "fingerprint": fingerprint,
        "outcome": outcome,
        "created_at": at,
    }


def claim(
    connection: Connection, actor: Actor, key: str, operation: str, fingerprint: str, at: datetime
) -> Row[Any] | None:
    """Take the key for what is being done, or give back what it was used for: the same, once, before.

    Raises `IdempotencyConflict` when that was something else. Waits for a call in flight that has the key.
    """
    row = row_of(actor, key, operation, fingerprint, {}, at)
    while not insert(connection, [row]):
        used = connection.execute(select(KEYS).where(_is(actor, key))).first()
        if used is None:
            continue  # It was purged since: it is free again.
        if not is_same(used, row):
            raise IdempotencyConflict
        return used
    return None


def settle(connection: Connection, actor: Actor, key: str, outcome: Mapping[str, Any]) -> None:
    """Say what came of what the key was taken for: ids, never a personal value."""
    connection.execute(update(KEYS).where(_is(actor, key)).values(outcome=outcome))


def _is(actor: Actor, key: str) -> ColumnElement[bool]:
    columns = KEYS.c
    return and_(
        columns.tenant_id == actor.tenant_id,
        columns.environment_id == actor.environment_id,
        columns.key == digest_of(key),
    )


def is_same(used: Row[Any], claim: Mapping[str, Any] | None) -> bool:
    """Whether a stored key was used for what is asked now."""
    return claim is not None and (used.operation, used.fingerprint) == (claim["operation"], claim["fingerprint"])
