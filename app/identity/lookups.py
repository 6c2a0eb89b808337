"""What the database says of single things, kept for a few seconds.

Made for questions that strangers may ask: ten thousand unknown keys a second are a few reads, and push out nothing
that is known.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Of one read: only so many different numbers of keys, so that there are few statements to prepare.
SIZES = (1, 10, 100)
MOST = 10_000


@dataclass(slots=True)
class _Question(Generic[V]):
    """One that several may wait for. Its answer is good until then: the time runs from the read's begin."""

    until: float = inf
    answer: asyncio.Future[V | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Lookups(Generic[K, V]):
    """Answers of `read`, which is given some keys and returns what it finds: good for `seconds` from its begin.

    Questions that come while a read runs are the next one's, and the same question is asked once. At most so many
    answers are kept of each kind.
    """

    def __init__(
        self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], seconds: float, most: int = MOST
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._most = most
        # In the order of their reads, and apart: however much is missed, what was found stays.
        self._found: dict[K, tuple[V, float]] = {}
        self._missed: dict[K, float] = {}
        self._asked: dict[K, _Question[V]] = {}
        self._queue: deque[tuple[K, _Question[V]]] = deque()
        self._reading: asyncio.Task[None] | None = None

    def fresh(self, key: K) -> V | None:
        """What is known of the key; None when that is nothing, or too old."""
        known = self._found.get(key)
        return known[0] if known is not None and monotonic() < known[1] else None

    def met(self, key: K) -> bool:
        """Whether the key was there when it was last read, however long ago."""
        return key in self._found

    async def find(self, key: K) -> V | None:
        """What is known of the key, or else what the database says."""
        if (known := self.fresh(key)) is not None:
            return known
        now = monotonic()
        if now < self._missed.get(key, -inf):
            return None
        question = self._asked.get(key)
        # An answer that is on its way may be as old as one that is kept, and no older.
        if question is None or now >= question.until:
            question = self._asked[key] = _Question()
            self._queue.append((key, question))
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read_on())
        # Others wait for it too: none of them may cancel it.
        return await asyncio.shield(question.answer)

    def forget(self, key: K) -> None:
        """Know nothing of the key, nor keep an answer that is on its way."""
        self._found.pop(key, None)
        self._asked.pop(key, None)

    async def _read_on(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), SIZES[-1]))]
            until = monotonic() + self._seconds
            for _, question in batch:
                question.until = until
            try:
                answers = await self._read(_padded([key for key, _ in batch]))
            except Exception as error:  # whatever it is, it is theirs who wait
                for key, question in batch:
                    self._settle(key, question)
                    question.answer.set_exception(error)
                    question.answer.exception()  # seen, even if nobody waits any more
            else:
                for key, question in batch:
                    if self._settle(key, question):
                        self._keep(key, answers.get(key), until)
                    question.answer.set_result(answers.get(key))

    def _settle(self, key: K, question: _Question[V]) -> bool:
        """Whether the answer is wanted still: the key may have been forgotten, or asked for anew."""
        if self._asked.get(key) is not question:
            return False
        del self._asked[key]
        return True

    def _keep(self, key: K, value: V | None, until: float) -> None:
        self._found.pop(key, None)
        if value is not None:
            _put(self._found, key, (value, until), self._most)
        else:
            _put(self._missed, key, until, self._most)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])


def _padded(keys: list[K]) -> list[K]:
    size = next(size for size in SIZES if size >= len(keys))
    return keys + keys[:1] * (size - len(keys))


def _put(kept: dict[K, V], key: K, value: V, most: int) -> None:
    """Keep it as the newest. When there are too many, the oldest goes."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
