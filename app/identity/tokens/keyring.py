"""An issuer's keys, kept, and fetched again when they are old or when a token names another."""

import asyncio
import logging
from math import inf
from time import monotonic

from app.errors import RefusalCode, Refused
from app.identity.tokens.keysets import KeySet, Unreadable, read
from app.identity.tokens.sources import Source
from app.identity.tokens.trust import Trust

log = logging.getLogger("billfolk")


class KeyRing:
    """The keys of one source.

    While they can't be fetched the old ones are good for a bounded time. However many ask, one fetch runs at a time,
    and none within a pause after the last.
    """

    def __init__(self, source: Source, trust: Trust) -> None:
        self._source = source
        self._refresh, self._stale, self._pause = trust.refresh, trust.stale, trust.pause
        self._keys: KeySet | None = None
        self._raw = b""
        self._fetched_at = self._tried_at = -inf
        self._fetching: asyncio.Task[None] | None = None
        self._failing = False

    def at_hand(self) -> KeySet | None:
        """The keys, without waiting; None when there are none that are good still."""
        if monotonic() - self._fetched_at >= self._refresh:
            self._start()
        return self._good()

    async def current(self) -> KeySet:
        """The keys. Raises Refused when there are none that are good still."""
        if (keys := self.at_hand()) is not None:
            return keys
        return await self.renewed()

    async def renewed(self) -> KeySet:
        """The keys, fetched anew unless they were just now. Raises Refused as `current` does."""
        self._start()
        if self._fetching is not None:
            # Others wait for it too: none of them may cancel it.
            await asyncio.shield(self._fetching)
        if (keys := self._good()) is None:
            raise Refused(
                RefusalCode.BUSY, "Tokens can't be checked at the moment. Try again.", retry_after=max(1.0, self._pause)
            )
        return keys

    def _good(self) -> KeySet | None:
        return self._keys if monotonic() - self._fetched_at < self._refresh + self._stale else None

    def _start(self) -> None:
        is_fetching = self._fetching is not None and not self._fetching.done()
        if not is_fetching and monotonic() - self._tried_at >= self._pause:
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        begun = monotonic()
        try:
            raw = await self._source.read()
            # The same keys stay the same object: what was verified by them stays so.
            if self._keys is None or raw != self._raw:
                self._keys, self._raw = read(raw), raw
        except Unreadable as error:
            # Once for each outage, however many tokens come meanwhile.
            if not self._failing:
                log.warning("the token issuer's keys can't be read: %s", error)
            self._failing = True
        else:
            if self._failing:
                log.info("the token issuer's keys can be read again")
            self._failing, self._fetched_at = False, begun
        finally:
            self._tried_at = monotonic()

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
        await self._source.close()
