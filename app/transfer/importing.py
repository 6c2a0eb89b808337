"""An import from its first row to its end: read and judged in one thread while the database stores what came before."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from typing import TypeVar

from app.database import Change, Database
from app.errors import Unusable
from app.opening import explained
from app.transfer import rejects
from app.transfer.batches import Batch
from app.transfer.files import Source
from app.transfer.progress import Beginning, Counts, Ending, Run
from app.transfer.rows import MOST_CHARACTERS, judged, portions
from app.transfer.statistics import Statistics
from app.transfer.waiting import Orphans, Portion

T = TypeVar("T")

# What is not stored yet, when no line can be named from which on it isn't.
SOME = "A part of the rows"

# Told after each step: what became of the rows so far.
Told = Callable[[Counts], None]


class Importer:
    """Stores a source's rows. Begun again after whatever ended it, it goes on where its last commit was."""

    def __init__(self, database: Database, run: Run, source: Source, told: Told) -> None:
        self.database = database
        self.run = run
        self.source = source
        self.told = told
        self.missing = SOME

    async def begin(self) -> Counts:
        """How far an earlier run came."""
        self.position, self.counts = await self.database.write(Beginning(self.run))
        self.told(self.counts)
        return self.counts

    async def work(self) -> Counts:
        await self._read()
        while self.counts.waiting and await self._settle_waiting():
            pass
        if self.counts.waiting:
            self._now(await self._write(Orphans(self.run)))
        return self.counts

    async def end(self, rejects_path: str) -> None:
        """Write the file of the rows that were refused, and forget the import. Killed in between, both come again."""
        if self.counts.refused:
            await rejects.write(self.database, self.run, self.source, rejects_path)
        await self.database.write(Ending(self.run))

    async def _read(self) -> None:
        batches, done = self._batches(), 0
        # One batch ahead: while the database works on one, the next is made.
        batch = await asyncio.to_thread(next, batches, None)
        while batch:
            self.missing = f"Line {batch.rows[0].raw.line:,} and what follows"
            if done.bit_count() == 1:  # After one, two, four … batches.
                await self._write(Statistics())
            writing = asyncio.create_task(self._write(batch))
            try:
                following = await asyncio.to_thread(next, batches, None)
            finally:
                counts = await writing
            self.position += len(batch.rows)
            self._now(counts or (await self._write(Beginning(self.run)))[1])
            batch = following
            done += 1
        self.missing = SOME

    def _batches(self) -> Iterator[Batch]:
        position = self.position
        for portion in portions(self.source.rows(position)):
            rows = [judged(raw, self.source.columns, onboarding=self.run.onboarding) for raw in portion]
            self.source.check_unchanged()
            yield Batch(self.run, position, rows)
            position += len(rows)
            if sum(raw.size for raw in portion) > MOST_CHARACTERS:
                # Few objects, and large ones: the collector, which counts them, would let them pile up.
                gc.collect()

    async def _settle_waiting(self) -> bool:
        """One pass over the rows that wait. Whether any of them waits no more."""
        before, line = self.counts.settled, 0
        while True:
            line, counts = await self._write(Portion(self.run, self.source.columns, line))
            self._now(counts)
            if not line:
                return self.counts.settled > before

    async def _write(self, change: Change[T]) -> T:
        try:
            with explained():
                return await self.database.write(change)
        except Unusable as error:
            raise Unusable(f"{error}. {self.missing} is not stored yet: run the same command again to go on") from error

    def _now(self, counts: Counts) -> None:
        self.counts = counts
        self.told(counts)
