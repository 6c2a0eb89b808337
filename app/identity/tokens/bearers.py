"""Those who call with a token, as this process knows them."""

from collections.abc import Awaitable, Callable
from time import time

import jwt

from app.errors import Unusable
from app.identity.actor import Actor
from app.identity.tokens import keysets
from app.identity.tokens.keyring import KeyRing
from app.identity.tokens.keysets import Unreadable
from app.identity.tokens.sources import File, source_of
from app.identity.tokens.trust import Trust
from app.identity.tokens.verifying import Verified, verify

MOST_KEPT = 10_000


class Bearers:
    """Tokens of one issuer. Each is verified once, and known by its digest until it ends or the issuer's keys change.

    `exists` says whether there is such a (tenant, environment): a token makes none.
    """

    def __init__(self, trust: Trust, exists: Callable[[tuple[str, str]], Awaitable[bool | None]]) -> None:
        self._trust = trust
        self._exists = exists
        self._source = source_of(trust.keys)
        self._ring = KeyRing(self._source, trust)
        self._known: dict[str, Verified] = {}

    def fresh(self, digest: str) -> Actor | None:
        """Whose token it is, when that is known."""
        known = self._known.get(digest)
        if known is None or known.keys is not self._ring.at_hand() or time() >= known.claimed.until:
            return None
        return known.claimed.actor

    async def find(self, digest: str, token: str) -> Actor | None:
        """Whose token it is; None when it is not good. Raises Refused when there is no telling."""
        try:
            verified = await verify(token, self._trust, self._ring)
        except (jwt.PyJWTError, ValueError):
            return None
        actor = verified.claimed.actor
        if not await self._exists((actor.tenant_id, actor.environment_id)):
            return None
        self._known.pop(digest, None)
        self._known[digest] = verified
        if len(self._known) > MOST_KEPT:
            del self._known[next(iter(self._known))]
        return actor

    async def open(self) -> None:
        """Begin to fetch the keys. A file of them must be good from the start. Raises Unusable."""
        if isinstance(self._source, File):
            try:
                keysets.read(await self._source.read())
            except Unreadable as error:
                raise Unusable(f"BILLFOLK_TOKEN_KEYS can't be used: {error}") from error
        self._ring.at_hand()

    async def close(self) -> None:
        await self._ring.close()
