"""From what a caller sends to the actor that the call acts as."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from app.database import Database
from app.identity.actor import Actor
from app.identity.keys import SECRET, actors_of, digest_of, environments_of, is_past
from app.identity.lookups import Lookups
from app.identity.tokens import Trust

if TYPE_CHECKING:
    from app.identity.tokens.bearers import Bearers

# Of a key or token, in characters: a token with many claims has two thousand.
LONGEST = 8192


class Callers:
    """Those who may call, as this process knows them. It keeps neither keys nor tokens, only their digests."""

    def __init__(self, database: Database, seconds: float, trust: Trust | None = None) -> None:
        async def actors(digests: Sequence[str]) -> Mapping[str, Actor]:
            return await database.read(partial(actors_of, digests=digests))

        async def environments(wanted: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], bool]:
            return await database.read(partial(environments_of, wanted=wanted))

        self._keys = Lookups(actors, seconds)
        self._environments = Lookups(environments, seconds)
        self._bearers: Bearers | None = None
        if trust is not None:
            # Not at the top: the extra `jwt` is needed by those who trust an issuer.
            from app.identity.tokens import bearers

            self._bearers = bearers.Bearers(trust, self._environments.find)

    def known(self, credential: str) -> Actor | None:
        """Whom the credential stands for, when that is known without asking, as it is for nearly every call."""
        if len(credential) > LONGEST:
            return None
        digest = digest_of(credential)
        actor = self._keys.fresh(digest)
        if actor is not None:
            return None if is_past(actor.expires_at) else actor
        return self._bearers.fresh(digest) if self._bearers else None

    def met(self, credential: str) -> bool:
        """Whether it was a good API key when it was last read, however long ago."""
        return SECRET.fullmatch(credential) is not None and self._keys.met(digest_of(credential))

    async def find(self, credential: str) -> Actor | None:
        """Whom the credential stands for; None for nobody. Raises Refused when there is no telling."""
        if SECRET.fullmatch(credential):
            actor = await self._keys.find(digest_of(credential))
            return None if actor is None or is_past(actor.expires_at) else actor
        if self._bearers is None or len(credential) > LONGEST:
            return None
        return await self._bearers.find(digest_of(credential), credential)

    def forget(self, digest: str) -> None:
        """Know the key with that digest no more: it was revoked here."""
        self._keys.forget(digest)

    async def open(self) -> None:
        if self._bearers:
            await self._bearers.open()

    async def close(self) -> None:
        if self._bearers:
            await self._bearers.close()
        await self._keys.close()
        await self._environments.close()


@asynccontextmanager
async def calling(database: Database, seconds: float, trust: Trust | None) -> AsyncIterator[Callers]:
    """Those who may call, `seconds` being how long what was read of an API key is good. Raises Unusable."""
    callers = Callers(database, seconds, trust)
    try:
        await callers.open()
        yield callers
    finally:
        await callers.close()
