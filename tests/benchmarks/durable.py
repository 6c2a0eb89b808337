"""`python -m tests.benchmarks.durable [SECONDS ROUNDS CONNECTIONS]`: what durable work costs createCustomer.

Ours as it is, beside the same with DBOS in its process: with nothing to do, with a workflow enqueued in each customer's
own transaction, and with DBOS's tables in a file of its own; in turn, in one run. The others are halted meanwhile: what
one has left to run would be at the expense of the next.
"""

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, inspect

from app.database import Database
from tests.benchmarks import measuring, running
from tests.benchmarks.contenders.durable import WAYS, system_url
from tests.benchmarks.contenders.subject import CREATE, judged
from tests.benchmarks.measuring import Way
from tests.benchmarks.running import Contender, contender

AS_IT_IS = "as it is"
# The same once more, last: how far the two are apart is what the machine alone does.
CONTROL = "as it is, again"
ENGINES = {
    "sqlite": [name for name in WAYS if name != "function"],
    "postgresql": [name for name in WAYS if not name.startswith("own file")],
}
OUTCOMES = ("created", "busy", "failed")
COMPLAINT = re.compile(r'"level":"(?:warning|error)"|^[\d:]+ \[ *(?:WARNING|ERROR|CRITICAL)\]', re.MULTILINE)


def told(answer: bytes) -> str:
    """As `judged`, and whether the server had no time: it is counted, and ends nothing."""
    return "busy" if b'"BUSY"' in answer else judged(answer)


TASK = replace(CREATE, judge=told, good=OUTCOMES)


@dataclass
class Subject:
    """A server, and where it logs."""

    server: Contender
    logs: Path

    @property
    def locked(self) -> int:
        return self.logs.read_text().count("database is locked")

    @property
    def complaints(self) -> int:
        """What is logged at the level warning and above: by us, and by DBOS in its own format."""
        return len(COMPLAINT.findall(self.logs.read_text()))

    def workflows(self) -> str:
        """How many are in which state."""
        way = WAYS.get(self.server.name)
        counts = asyncio.run(_workflows(system_url(self.server.database_url, way))) if way else {}
        return ", ".join(f"{count:,} {status.lower()}" for status, count in sorted(counts.items())) or "none"


@contextmanager
def served(databases: dict[str, tuple[str, str]], folder: Path) -> Iterator[list[Subject]]:
    with ExitStack() as stack:
        subjects = []
        for number, (name, (url, secret)) in enumerate(databases.items()):
            command = running.OURS if name in (AS_IT_IS, CONTROL) else (*contender("durable"), name)
            subject = Subject(Contender(name, url, secret, command), folder / f"{number}.log")
            stack.enter_context(subject.server.running(subject.logs))
            subject.server.process.suspend()
            stack.callback(subject.server.process.resume)  # One that is halted does not hear that it shall end.
            subjects.append(subject)
        yield subjects


def measure(ways: Sequence[Way], seconds: float, rounds: int, connections: int) -> None:
    """A B C A B C …, after a warm-up that does not count, each while all others are halted."""
    for turn in range(rounds + 1):
        for way in ways:
            way.server.process.resume()
            asyncio.run(way.round(seconds if turn else min(measuring.WARM_UP, seconds), connections))
            way.server.process.suspend()
            if not turn:
                running.analyze(way.server.database_url)
                way.rounds.clear()


async def _workflows(url: str) -> dict[str, int]:
    database = Database(url)
    try:
        return await database.read(partial(_by_status, schema=None if database.is_sqlite else "dbos"))
    finally:
        await database.close()


def _by_status(connection: Connection, schema: str | None) -> dict[str, int]:
    if not inspect(connection).has_table("workflow_status", schema):
        return {}
    counted = f"SELECT status, count(*) FROM {schema + '.' if schema else ''}workflow_status GROUP BY status"  # noqa: S608 - names of our own
    return {str(status): int(count) for status, count in connection.exec_driver_sql(counted)}


def main(seconds: int = 10, rounds: int = 3, connections: int = 64, *engines: str) -> None:
    running.make_way()
    measuring.print_head()
    for engine in engines or ENGINES:
        with (
            running.workspace() as folder,
            running.databases(engine, folder, AS_IT_IS, *ENGINES[engine], CONTROL) as databases,
            served(databases, folder) as subjects,
        ):
            ways = measuring.ways([subject.server for subject in subjects], TASK)
            measure(ways, seconds, rounds, connections)
            measuring.print_rows(engine, ways)
            for subject, way in zip(subjects, ways, strict=True):
                counts = [f"{way.outcomes.get(outcome, 0):,} {outcome}" for outcome in OUTCOMES]
                print(
                    f"{engine:<12}{way.server.name:<20}{way.server.customers():,} stored; answers: {', '.join(counts)};"
                    f" logged: {subject.locked} locked of {subject.complaints}; workflows: {subject.workflows()}",
                    flush=True,
                )


if __name__ == "__main__":
    main(*(int(argument) if argument.isdecimal() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
