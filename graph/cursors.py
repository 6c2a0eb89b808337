"""Cursors: a row's place in a list, sealed so that it is good for this list only and can't be made up."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Any

import orjson

from app import secrets
from app.identity import Actor
from app.paging import Position
from graph.context import Info

TAG = 12  # bytes
LONGEST = 8192  # a name of 255 characters can be casefolded to three times as many, each of them written as \\uXXXX


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes and reads the cursors of one list, which `terms` name: its tenant, its order, its filter.

    The secret is in the database, so a cursor is good on every process, and after a restart.
    """

    secret: bytes
    terms: bytes

    @classmethod
    async def of(cls, info: Info, *terms: Any) -> "Seal":
        """`terms` beside the caller's tenant and environment."""
        secret = await secrets.secret(info.context.database, secrets.CURSORS)
        return cls.made(secret, info.context.actor, *terms)

    @classmethod
    def made(cls, secret: bytes, actor: Actor, *terms: Any) -> "Seal":
        return cls(secret, json.dumps([actor.tenant_id, actor.environment_id, *terms]).encode())

    def close(self, position: Position) -> str:
        place = orjson.dumps(position)
        return urlsafe_b64encode(self._tag(place) + place).rstrip(b"=").decode()

    def open(self, cursor: str) -> tuple[Any, str] | None:
        """The position as JSON has it; None when the cursor is not one of this list."""
        if len(cursor) > LONGEST or not cursor.isascii():
            return None
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (Error, ValueError):
            return None
        tag, place = sealed[:TAG], sealed[TAG:]
        # base64 has many spellings of the same bytes; only ours is good.
        known = urlsafe_b64encode(sealed).rstrip(b"=").decode() == cursor
        if not known or not hmac.compare_digest(tag, self._tag(place)):
            return None
        key, id = orjson.loads(place)
        return key, id

    def _tag(self, place: bytes) -> bytes:
        # The terms' length keeps them apart from the place.
        said = len(self.terms).to_bytes(4, "big") + self.terms + place
        return hashlib.blake2b(said, key=self.secret, digest_size=TAG).digest()
