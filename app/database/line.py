"""Who waits for a commit, first come, first served."""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any

from app.database import failures
from app.database.changes import Change, Outcome

# Beyond it a batch gains nothing, and its first caller waits for the last.
MOST = 256


@dataclass(slots=True, eq=False)
class Caller:
    """Who waits for a change to be committed."""

    change: Change[Any]
    answer: Future[Any]
    since: float
    context: Context

    def told(self, outcome: Outcome) -> None:
        # Done already when it gave up waiting.
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


class Line:
    """At most `size` callers, each for `patience` seconds at most: what is more is BUSY.

    Only changes of which `group` says the same are in one batch.
    """

    def __init__(self, size: int, patience: float, group: Callable[[Change[Any]], object]) -> None:
        self._size = size
        self._patience = patience
        self._group = group
        self._callers: deque[Caller] = deque()
        self._watch: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._callers)

    def join(self, change: Change[Any]) -> Caller:
        """Stand at the end of the line."""
        if len(self._callers) >= self._size:
            raise failures.busy()
        loop = asyncio.get_running_loop()
        caller = Caller(change, loop.create_future(), loop.time(), copy_context())
        self._callers.append(caller)
        if self._watch is None:
            self._watch = loop.call_later(self._patience, self._refuse_who_waited_too_long)
        return caller

    def next_batch(self) -> list[Caller]:
        """Take the first caller out of the line, and those whose changes can be in the same commit."""
        batch: list[Caller] = []
        others: list[Caller] = []
        while self._callers and len(batch) < MOST:
            caller = self._callers.popleft()
            if caller.answer.done():
                continue
            alike = not batch or self._group(caller.change) == self._group(batch[0].change)
            (batch if alike else others).append(caller)
        self._callers.extendleft(reversed(others))
        return batch

    def close(self) -> None:
        """Let nobody in any more."""
        self._size = 0

    def _refuse_who_waited_too_long(self) -> None:
        self._watch = None
        loop = asyncio.get_running_loop()
        while self._callers and (left := self._callers[0].since + self._patience - loop.time()) <= 0:
            self._callers.popleft().told(failures.busy())
        if self._callers:
            self._watch = loop.call_later(left, self._refuse_who_waited_too_long)
