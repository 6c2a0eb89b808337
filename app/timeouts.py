"""Timeouts by the thousand.

`asyncio.timeout` sets a timer each time, and nearly always takes it back: with two of them a request that was a tenth
of what a request costs. Here all of an event loop's share one, which rings when the first of them may be over.
"""

import asyncio
import threading
from asyncio import AbstractEventLoop, Timeout
from collections.abc import Awaitable
from math import inf
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


class _Watch:
    """One event loop's."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self._ends: dict[Timeout, float] = {}
        self._rings_at = inf

    async def wait(self, awaitable: Awaitable[T], end: float) -> T:
        async with Timeout(None) as timeout:
            self._ends[timeout] = end
            if end < self._rings_at:
                self._ring(end)
            try:
                return await awaitable
            finally:
                self._ends.pop(timeout, None)

    def _ring(self, at: float) -> None:
        # An earlier ring than one that is set already leaves that one be: it finds nothing to do.
        self._rings_at = at
        self.loop.call_later(max(0.0, at - monotonic()), self._look, at)

    def _look(self, at: float) -> None:
        if at != self._rings_at:
            return
        now = monotonic()
        for timeout in [timeout for timeout, end in self._ends.items() if end <= now]:
            del self._ends[timeout]
            timeout.reschedule(self.loop.time())
        self._rings_at = inf
        if self._ends:
            self._ring(min(self._ends.values()))


_here = threading.local()


def wait_until(end: float, awaitable: Awaitable[T]) -> Awaitable[T]:
    """To be awaited at once: at `end`, by `time.monotonic`, what is awaited is cancelled, and TimeoutError raised."""
    loop = asyncio.get_running_loop()
    watch: _Watch | None = getattr(_here, "watch", None)
    if watch is None or watch.loop is not loop:
        watch = _here.watch = _Watch(loop)
    return watch.wait(awaitable, end)
