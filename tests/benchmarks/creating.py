"""`python -m tests.benchmarks.creating [SECONDS ROUNDS CONNECTIONS]`: createCustomer, one a request.

Ours beside stock Strawberry and beside a POST without GraphQL that writes the same rows through the same boundary; in
turn, in one run. CPU is the server process's own.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks import load, running
from tests.benchmarks.contenders import subject
from tests.benchmarks.contenders.subject import Requests
from tests.benchmarks.running import OURS, Contender, contender

WARM_UP = 1.0  # seconds


@dataclass(frozen=True)
class Figures:
    """One round's. Times are in milliseconds, CPU is in microseconds a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass
class Way:
    """A server, what it is sent, and what came of it."""

    server: Contender
    requests: Requests
    rounds: list[Figures] = field(default_factory=list)
    stored: int = 0
    acknowledged: int = 0

    async def round(self, seconds: float, connections: int) -> Figures:
        number = len(self.rounds)
        requests = self.requests(self.server.url, self.server.secret, number)
        before = self.server.cpu()
        taken = await load.load(self.server.url, requests, connections, seconds, subject.judged)
        used = self.server.cpu() - before
        if set(taken.outcomes) != {"created"}:
            raise RuntimeError(f"{self.server.name}: {taken.outcomes}")
        count = taken.outcomes["created"]
        self.acknowledged += count
        figures = Figures(taken.rate, taken.percentile(0.5), taken.percentile(0.99), 1e6 * used / count)
        self.rounds.append(figures)
        return figures

    @property
    def medians(self) -> Figures:
        return Figures(*(median(getattr(r, name) for r in self.rounds) for name in Figures.__dataclass_fields__))


WAYS: Sequence[tuple[str, tuple[str, ...], Requests]] = (
    ("billfolk", OURS, subject.by_graphql),
    ("plain POST", contender("plain"), subject.by_post),
    ("stock Strawberry", contender("stock"), subject.by_graphql),
)


@contextmanager
def ways(engine: str, folder: Path) -> Iterator[list[Way]]:
    """The servers, up and warm."""
    with ExitStack() as stack:
        keys = stack.enter_context(running.databases(engine, folder, *(name.split()[0] for name, *_ in WAYS)))
        made = []
        for name, command, requests in WAYS:
            url, secret = keys[name.split()[0]]
            server = Contender(name, url, secret, command)
            stack.enter_context(server.running(folder / f"{engine}-{name.split()[0]}.log"))
            made.append(Way(server, requests))
        yield made


def measure(engine: str, seconds: float, rounds: int, connections: int) -> list[Way]:
    with running.workspace() as folder, ways(engine, folder) as measured:
        for way in measured:
            asyncio.run(way.round(WARM_UP, connections))
            running.analyze(way.server.database_url)
            way.rounds.clear()
            way.requests = later(way.requests)
        for _ in range(rounds):
            for way in measured:
                asyncio.run(way.round(seconds, connections))
        for way in measured:
            way.stored = way.server.customers()
        return measured


def later(requests: Requests) -> Requests:
    """The same, with names that the warm-up has not used."""
    return lambda url, secret, round: requests(url, secret, round + 1)


def main(seconds: int = 10, rounds: int = 3, connections: int = 64) -> None:
    running.make_way()
    heads = ("req/s", "p50 ms", "p99 ms", "CPU µs", "of ours", "stored", "acknowledged")
    print(f"{'engine':<12}{'server':<18}" + "".join(f"{head:>13}" for head in heads))
    for engine in ("sqlite", "postgresql"):
        measured = measure(engine, seconds, rounds, connections)
        ours = measured[0].medians
        for way in measured:
            m = way.medians
            print(
                f"{engine:<12}{way.server.name:<18}{m.rate:>13,.0f}{m.p50:>13.1f}{m.p99:>13.1f}{m.cpu:>13.0f}"
                f"{m.rate / ours.rate:>13.3f}{way.stored:>13,}{way.acknowledged:>13,}",
                flush=True,
            )
        if any(way.stored != way.acknowledged for way in measured):
            raise SystemExit("What is stored is not what was acknowledged")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
