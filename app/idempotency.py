"""Idempotency keys: a call that is made again has its effect once.

The key is stored in the transaction of its effect, with a fingerprint of what was asked, so there is no
moment at which one exists without the other.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import Column, ForeignKeyConstraint, Index, Row
from sqlmodel import Field, SQLModel

from app.database import InsertNew, Json, Text, Timestamp, table_of
from app.errors import Expected, Path


class IdempotencyConflict(Expected):
    """The key was used before, with other input or for another operation."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, path: Path = ("idempotency_key",)) -> None:
        super().__init__("This idempotency key was used before, with other input. Send a new key.", path)


class IdempotencyKey(SQLModel, table=True):
    """A key that was used, and by what. `outcome` holds ids, never a personal value."""

    __tablename__ = "idempotency_keys"

    tenant_id: str = Field(primary_key=True, sa_type=Text)
    environment_id: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    operation: str = Field(sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    outcome: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    created_at: datetime = Field(sa_type=Timestamp)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "environment_id"],
            ["environments.tenant_id", "environments.id"],
            name="fk_idempotency_keys_environment",
        ),
        Index("ix_idempotency_keys_created_at", "created_at"),
        {"sqlite_strict": True},
    )


KEYS = table_of(IdempotencyKey)
insert = InsertNew(KEYS, KEYS.c.tenant_id, KEYS.c.environment_id, KEYS.c.key)


def fingerprint(asked: BaseModel | Mapping[str, Any]) -> str:
    """SHA-256 of the normalised input: two calls that mean the same have the same."""
    values = asked.model_dump(mode="json") if isinstance(asked, BaseModel) else asked
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def is_same(used: Row[Any], claim: Mapping[str, Any] | None) -> bool:
    """Whether a stored key was used for what is asked now."""
    return claim is not None and (used.operation, used.fingerprint) == (claim["operation"], claim["fingerprint"])
