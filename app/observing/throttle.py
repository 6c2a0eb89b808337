"""So that nobody can fill a log: of what comes often, the first is told, and then the number of the others."""

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Generic, TypeVar

PAUSE = 5.0

Kind = TypeVar("Kind")


class Throttle(Generic[Kind]):
    """Counts for `pause` seconds what is of the same kind. There must be few kinds, none of them a client's choice.

    `tell` is called with the kind and how many of it there were, at most once in each pause.
    """

    def __init__(self, tell: Callable[[Kind, int], None], pause: float = PAUSE) -> None:
        self._tell = tell
        self._pause = pause
        self._held: dict[Kind, int] = {}
        self._timers: dict[Kind, TimerHandle] = {}

    def passes(self, kind: Kind) -> bool:
        """Whether this one is to be told by itself. Called in an event loop."""
        # A loop that has ended took its timers with it.
        if kind in self._held and self._timers[kind].when() + self._pause > asyncio.get_running_loop().time():
            self._held[kind] += 1
            return False
        self._begin(kind)
        return True

    def close(self) -> None:
        """Tell what is still to be told."""
        for timer in self._timers.values():
            timer.cancel()
        for kind, held in self._held.items():
            if held:
                self._tell(kind, held)
        self._held.clear()
        self._timers.clear()

    def _begin(self, kind: Kind) -> None:
        self._held[kind] = 0
        self._timers[kind] = asyncio.get_running_loop().call_later(self._pause, self._end, kind)

    def _end(self, kind: Kind) -> None:
        if held := self._held.pop(kind):
            self._tell(kind, held)
            self._begin(kind)
        else:
            del self._timers[kind]
