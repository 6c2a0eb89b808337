"""Servers in turn, round after round in one run, and the medians of what each round came to."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from math import nan
from pathlib import Path
from statistics import median

from tests.benchmarks import load, running
from tests.benchmarks.running import OURS, Contender, contender

WARM_UP = 1.0  # seconds

# What a round sends to a server: of its URL, a key, and a number that no other round has.
Requests = Callable[[str, str, int], Iterator[bytes]]


@dataclass(frozen=True)
class Task:
    """What callers do, in GraphQL and without; `judge` says what came of an answer."""

    name: str
    by_graphql: Requests
    by_post: Requests
    judge: Callable[[bytes], str]
    good: Collection[str] = ("done",)


def answered(answer: bytes) -> str:
    """What came of a request that has no other end than data."""
    return "done" if answer.startswith(b"HTTP/1.1 200") and b'"errors"' not in answer else "failed"


@dataclass(frozen=True)
class Figures:
    """One round's. Requests a second; milliseconds; microseconds of the server's own processor time a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass
class Way:
    """A server at a task, and what came of it."""

    server: Contender
    requests: Requests
    task: Task
    rounds: list[Figures] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    begun: int = 0

    async def round(self, seconds: float, connections: int) -> Figures:
        self.begun += 1
        requests = self.requests(self.server.url, self.server.secret, self.begun)
        before = self.server.cpu()
        taken = await load.load(self.server.url, requests, connections, seconds, self.task.judge)
        used = self.server.cpu() - before
        for outcome, count in taken.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        if set(taken.outcomes) - set(self.task.good):
            raise RuntimeError(f"{self.server.name}, {self.task.name}: {taken.outcomes}")
        figures = Figures(
            taken.rate, taken.percentile(0.5), taken.percentile(0.99), 1e6 * used / taken.outcomes.total()
        )
        self.rounds.append(figures)
        return figures

    @property
    def medians(self) -> Figures:
        return Figures(*(median(getattr(one, figure.name) for one in self.rounds) for figure in fields(Figures)))


CONTENDERS = {"billfolk": OURS, "plain POST": contender("plain"), "stock Strawberry": contender("stock")}


@contextmanager
def served(databases: dict[str, tuple[str, str]], folder: Path) -> Iterator[list[Contender]]:
    """Every contender that has a database, up: `databases` has a URL and a secret for each."""
    with ExitStack() as stack:
        servers = [
            Contender(name, url, secret, CONTENDERS[name.partition(",")[0]])
            for name, (url, secret) in databases.items()
        ]
        for number, server in enumerate(servers):
            stack.enter_context(server.running(folder / f"{number}.log"))
        yield servers


def ways(servers: Sequence[Contender], task: Task, begun: int = 0) -> list[Way]:
    """Each with rounds of numbers that no other has: they may share a database. So many were begun before."""
    return [
        Way(
            server,
            task.by_post if server.name.startswith("plain") else task.by_graphql,
            task,
            begun=1000 * number + begun,
        )
        for number, server in enumerate(servers)
    ]


def measure(measured: Sequence[Way], seconds: float, rounds: int, connections: int) -> None:
    """A B C A B C …, after a warm-up that does not count."""
    for way in measured:
        asyncio.run(way.round(min(WARM_UP, seconds), connections))
        running.analyze(way.server.database_url)
        way.rounds.clear()
    for _ in range(rounds):
        for way in measured:
            asyncio.run(way.round(seconds, connections))


HEADS = ("req/s", "of ours", "p50 ms", "p99 ms", "CPU µs", "of ours")


def print_head() -> None:
    print(f"{'engine':<12}{'task':<20}{'server':<18}" + "".join(f"{head:>11}" for head in HEADS))


def print_rows(engine: str, measured: Sequence[Way]) -> None:
    ours = measured[0].medians
    for way in measured:
        m = way.medians
        print(
            f"{engine:<12}{way.task.name:<20}{way.server.name:<18}{m.rate:>11,.0f}{m.rate / ours.rate:>11.3f}"
            f"{m.p50:>11.1f}{m.p99:>11.1f}{m.cpu:>11.0f}{m.cpu / (ours.cpu or nan):>11.3f}",
            flush=True,
        )
