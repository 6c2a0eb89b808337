"""Group commit: whatever arrives while a commit is on its way to the disk is the next one.

A commit waits for the disk about as long as it takes to store a hundred rows. So callers share it: each is answered
when the commit that holds its change has arrived, with its own outcome, and pays a part of it.
"""

import asyncio
from asyncio import Task
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from app.database.changes import Change, Outcome
from app.database.line import Caller, Line
from app.errors import RefusalCode, Refused

T = TypeVar("T")


class Commit(Protocol):
    """Applies changes in one transaction, and tells what became of each. `again`: they may have been committed."""

    def __call__(self, changes: Sequence[Change[Any]], *, again: bool) -> Awaitable[Sequence[Outcome]]: ...


class GroupCommit:
    """Callers in line, and a few lanes, in each of which one batch of them is committed after the other.

    When a batch fails, each of its changes is committed alone, so that only who is to blame fails. For `size`,
    `patience` and `group` see `Line`.
    """

    def __init__(
        self,
        commit: Commit,
        *,
        lanes: int,
        size: int,
        patience: float,
        group: Callable[[Change[Any]], object] = lambda _change: None,
    ) -> None:
        self._commit = commit
        self._free_lanes = lanes
        self._line = Line(size, patience, group)
        self._tasks: set[Task[None]] = set()

    async def write(self, change: Change[T]) -> T:
        """The change's answer, once it is committed.

        Whoever is cancelled meanwhile gives the answer up; the change is committed whole, or not at all.
        """
        caller = self._line.join(change)
        if self._free_lanes:
            # Not yet: those who come in the same turn of the loop come along.
            asyncio.get_running_loop().call_soon(self._fill_lanes)
        answer: T = await caller.answer
        return answer

    async def close(self) -> None:
        """Commit whatever is in line, and take nothing any more."""
        self._line.close()
        self._fill_lanes()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def __len__(self) -> int:
        """How many are in line."""
        return len(self._line)

    def _fill_lanes(self) -> None:
        while self._free_lanes and (batch := self._line.next_batch()):
            self._free_lanes -= 1
            self._start(batch).add_done_callback(self._free_lane)

    def _free_lane(self, _done: Task[None]) -> None:
        self._free_lanes += 1
        self._fill_lanes()

    def _start(self, batch: Sequence[Caller], *, again: bool = False) -> Task[None]:
        # In the first one's name, for traces: it alone is sure to be waiting.
        task = asyncio.get_running_loop().create_task(self._settle(batch, again=again), context=batch[0].context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _settle(self, batch: Sequence[Caller], *, again: bool) -> None:
        try:
            outcomes = await self._commit([caller.change for caller in batch], again=again)
        except asyncio.CancelledError:
            for caller in batch:
                caller.answer.cancel()
            raise
        except Exception as error:
            self._settle_failed(batch, error)
        else:
            for caller, outcome in zip(batch, outcomes, strict=True):
                caller.told(outcome)

    def _settle_failed(self, batch: Sequence[Caller], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].told(error)
        elif isinstance(error, Refused) and error.code is RefusalCode.BUSY:
            for caller in batch:
                caller.told(Refused(error.code, error.message, **error.extensions))
        else:
            for caller in batch:
                self._start([caller], again=True)
