"""`python -m tests.benchmarks.committing`: group commit against a transaction per mutation, below the API.

Both make customers through the same change, in this process, with the disk synced for each commit; they take turns.
"""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import func, select, text

from app import customers
from app.customers.tables import CUSTOMERS
from app.database import Change, Database
from app.identity import DEFAULT_SCOPES, Actor, NewKey
from app.opening import opened
from tests import postgres

CALLERS = (1, 8, 64, 256)
ACTOR = Actor("acme", "live", "key_1", DEFAULT_SCOPES)

Write = Callable[[Change[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Taken:
    """For each customer, in seconds."""

    wall: float
    cpu: float


def creation(name: str) -> customers.Creation:
    described = {
        "external_id": name,
        "name": f"Customer {name}",
        "email": f"{name}@customers.example",
        "contact": "+49 30 901820",
        "address_line1": "Hauptstraße 1",
        "address_city": "Berlin",
        "address_postal_code": "10827",
        "address_country": "DE",
        "timezone": "Europe/Berlin",
        "metadata": {"plan": "pro", "crm": name},
    }
    return customers.create(ACTOR, described)


def one_by_one(database: Database) -> Write:
    """A transaction per mutation: on SQLite in turn, on PostgreSQL on as many connections as the pool has."""
    turn = asyncio.Lock() if database.is_sqlite else nullcontext()

    async def write(change: Change[Any]) -> Any:
        async with turn, database.engine.connect() as connection:
            await connection.execution_options(billfolk_writes=True)
            async with connection.begin():
                return await connection.run_sync(change.apply)

    return write


async def measure(write: Write, names: Iterator[str], callers: int) -> Taken:
    made = 0

    async def calling() -> None:
        nonlocal made
        for name in names:
            await write(creation(name))
            made += 1

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(calling() for _ in range(callers)))
    return Taken((time.perf_counter() - wall) / made, (time.process_time() - cpu) / made)


async def compare(url: str, rows: int, rounds: int) -> dict[tuple[int, str], list[Taken]]:
    taken: dict[tuple[int, str], list[Taken]] = defaultdict(list)
    async with opened(url) as database:
        await database.write(NewKey(ACTOR.tenant_id, ACTOR.environment_id))
        ways = {"group commit": database.write, "one by one": one_by_one(database)}
        for way, write in ways.items():
            await measure(write, (f"warm-{way[:3]}-{n}" for n in range(min(rows, 300))), 8)
        if not database.is_sqlite:
            # What autovacuum does within a minute: without statistics a foreign key's check reads the wrong index.
            async with database.engine.begin() as connection:
                await connection.execute(text("ANALYZE"))
        for turn in range(rounds):
            for callers in CALLERS:
                for way, write in ways.items():
                    names = (f"{turn}-{callers}-{way[:3]}-{n}" for n in range(rows if callers > 1 else rows // 4 or 1))
                    taken[callers, way].append(await measure(write, names, callers))
        stored = await database.read(lambda connection: connection.scalar(select(func.count()).select_from(CUSTOMERS)))
    made = 2 * (min(rows, 300) + rounds * (rows // 4 or 1) + rounds * (len(CALLERS) - 1) * rows)
    assert stored == made, (stored, made)
    return taken


@contextmanager
def urls(engine: str) -> Iterator[str]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/billfolk.db"
    else:
        with postgres.cluster(fsync=True) as cluster:
            yield cluster.url()


def main(rows: int = 2000, rounds: int = 3, *engines: str) -> None:
    print(f"{'engine':<12}{'callers':>8}  {'way':<14}{'rows/s':>8}{'CPU µs':>8}{'ratio':>8}")
    for engine in engines or ("sqlite", "postgresql"):
        with urls(engine) as url:
            taken = asyncio.run(compare(url, rows, rounds))
        for (callers, way), each in taken.items():
            wall, cpu = median(one.wall for one in each), median(one.cpu for one in each)
            base = median(one.wall for one in taken[callers, "one by one"])
            print(f"{engine:<12}{callers:>8}  {way:<14}{1 / wall:>8.0f}{cpu * 1e6:>8.0f}{base / wall:>8.2f}")


if __name__ == "__main__":
    main(*(int(argument) if argument.isdecimal() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
