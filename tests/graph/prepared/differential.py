"""`python -m tests.graph.prepared.differential CASES [SEED]`: prepared operations against stock execution.

Documents and data are drawn by chance, half of them for a schema of everything (`zoo`), half for the product's own, on
SQLite. A case is a document with variables and data, sent to two endpoints; their answers are held against each other
byte for byte, and in the end what the mutations have left behind. Exit code 1: some differ.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.graph.prepared.registries import Call, Registries, Template
from tests.graph.prepared.zoos import Visit, Zoos

MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made there
EPISODE = 25  # documents, until both begin again
TOLD = 3  # differences


class Tally:
    """How many there were, and what the first differences are."""

    def __init__(self) -> None:
        self.cases = 0
        self.executed = 0
        self.differences: list[str] = []

    def add(self, pair: Zoos | Registries) -> None:
        self.cases += pair.cases
        self.executed += pair.executed


async def episode(pair: Zoos | Registries, tally: Tally, seed: str) -> None:
    try:
        for number in range(EPISODE):
            random = Random(f"{seed}/{number}")  # noqa: S311 - nothing is kept secret
            if isinstance(pair, Zoos):
                await pair.compare(Visit.drawn(random))
            else:
                await pair.compare(Call.drawn(random))
        if isinstance(pair, Registries):
            await pair.compare_data()
    except AssertionError as difference:
        tally.differences.append(f"{seed}: {difference}")
    tally.add(pair)


@asynccontextmanager
async def templates() -> AsyncIterator[Template]:
    # In memory where there is a way: so much is written.
    with TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None) as folder:  # noqa: ASYNC240 - once
        yield await Template.made(Path(folder))


async def main(cases: int, seed: str = "") -> bool:
    """Whether none differ."""
    zoos, registries, episodes = Tally(), Tally(), 0
    async with templates() as template:
        while zoos.cases + registries.cases < cases:
            behind = zoos if zoos.cases < registries.cases else registries
            if behind is zoos:
                await episode(Zoos(), zoos, f"{seed}/{episodes}")
            else:
                async with template.registries() as pair:
                    await episode(pair, registries, f"{seed}/{episodes}")
            episodes += 1
    for name, tally in (("zoo", zoos), ("registry", registries)):
        print(f"{name}: {tally.cases} cases, {tally.executed} of them executed, {len(tally.differences)} differ")
        print("\n".join(tally.differences[:TOLD]), end="")
    return not zoos.differences and not registries.differences


if __name__ == "__main__":
    logging.disable()
    sys.exit(0 if asyncio.run(main(int(sys.argv[1]), *sys.argv[2:])) else 1)
