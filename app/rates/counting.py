"""Where hits are counted: in this process, or in Redis for all of them.

By `limits`' sliding window counter: two numbers for each caller, however high the rate, where a moving window keeps
every hit's time; and nobody gets twice the rate around the turn of a minute, as from a fixed window.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from limits.errors import StorageError

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

# Seconds between two looks at a Redis that was away, and between two sweeps.
PAUSE = 5.0
SWEEP = 1.0
MOST_COUNTERS = 50_000

T = TypeVar("T")
log = logging.getLogger("billfolk")


class Memory(MemoryStorage):
    """`limits`' own, with an end, and swept now and then: it would look at every counter with each hit.

    At 10,000 counters that takes 0.9 ms, and 0.01 without. There are at most so many after a sweep.
    """

    def __init__(self, most: int = MOST_COUNTERS, every: float = SWEEP) -> None:
        super().__init__()
        self._most, self._every = most, every
        # It starts no sweep of its own while this runs.
        self.timer = asyncio.create_task(self._sweep_regularly())

    async def _sweep_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            now = time.time()
            # In the order in which they began.
            too_many = len(self.expirations) - self._most
            for place, (key, end) in enumerate(list(self.expirations.items())):
                if end <= now or place < too_many:
                    await self.clear(key)

    async def close(self) -> None:
        assert self.timer is not None  # noqa: S101 - since it was made
        self.timer.cancel()
        await asyncio.wait([self.timer])


class Counting:
    """Asks a limiter: Redis' while it answers, else this process's own. Made within the event loop."""

    def __init__(self, redis_url: str | None, timeout: float) -> None:
        self._timeout = timeout
        self._memory = Memory()
        self._own = SlidingWindowCounterRateLimiter(self._memory)
        self._pool = _pool(redis_url, timeout) if redis_url else None
        self._shared = _shared(self._pool) if self._pool else None
        self._is_away, self._retry_at = False, 0.0

    async def ask(self, question: Callable[[RateLimiter], Awaitable[T]]) -> T:
        """The answer, of one or the other. Nobody waits for Redis longer than the timeout."""
        if self._shared is None or time.monotonic() < self._retry_at:
            return await question(self._own)
        if self._is_away:
            # One looks whether it is back; the others need not wait for that.
            self._retry_at = time.monotonic() + PAUSE
        try:
            async with asyncio.timeout(self._timeout):
                answer = await question(self._shared)
        except (StorageError, OSError, TimeoutError) as error:
            self._away(error)
            return await question(self._own)
        self._back()
        return answer

    def _away(self, error: Exception) -> None:
        if not self._is_away:
            log.warning("Redis can't be reached, so each process counts rates for itself: %s", type(error).__name__)
        self._is_away, self._retry_at = True, time.monotonic() + PAUSE

    def _back(self) -> None:
        if self._is_away:
            log.info("Redis can be reached again")
        self._is_away, self._retry_at = False, 0.0

    async def close(self) -> None:
        await self._memory.close()
        if self._pool is not None:
            await self._pool.aclose()


def _pool(url: str, timeout: float) -> "ConnectionPool":
    # Not at the top: the extra `redis` is needed by those who have one.
    from redis.asyncio import BlockingConnectionPool

    return BlockingConnectionPool.from_url(
        url, max_connections=16, timeout=timeout, socket_connect_timeout=timeout, socket_timeout=timeout
    )


def _shared(pool: "ConnectionPool") -> RateLimiter:
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="billfolk",
        wrap_exceptions=True,
        connection_pool=pool,  # type: ignore[arg-type]  # which it takes, but does not declare
    )
    return SlidingWindowCounterRateLimiter(storage)
