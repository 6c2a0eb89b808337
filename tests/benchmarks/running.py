"""Servers to measure: each a process of its own on one core, on a database of its own."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
import psutil  # type: ignore[import-untyped]  # it ships no types

from app.database import Database
from app.identity import NewKey
from app.opening import opened
from tests import postgres
from tests.server import PATIENCE, ROOT, environment, free_port

# The server has the first core; whoever loads it, and PostgreSQL, the others.
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
# Counted as ever, but one key may ask as often as a whole benchmark does.
UNHINDERED = {"BILLFOLK_RATE_PER_KEY": "100000000/minute", "BILLFOLK_RATE_PER_TENANT": "100000000/minute"}
OURS = ("-m", "app", "serve", "--port")


@dataclass
class Contender:
    """A server under measurement, started on a database of its own."""

    name: str
    database_url: str
    secret: str
    command: tuple[str, ...] = OURS
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self, logs: Path, ready: Callable[[], bool] | None = None) -> Iterator[None]:
        """Until the block ends; from when it answers, or is as `ready` says."""
        settings = {"BILLFOLK_DATABASE_URL": self.database_url, **UNHINDERED, **self.settings}
        with logs.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, *self.command, str(self.port)],
                env=environment({**settings, "PYTHONWARNINGS": "default"}),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.process = psutil.Process(process.pid)
        try:
            until(ready or self.answers, process, logs)
            if len(CORES) > 1:
                for thread in self.process.threads():
                    os.sched_setaffinity(thread.id, CORES[:1])
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()

    def answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/healthz", timeout=1)
        except httpx.TransportError:
            return False
        return True

    def cpu(self) -> float:
        """The seconds of processor that it has used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """The bytes that it holds in memory."""
        return int(self.process.memory_info().rss)

    def customers(self) -> int:
        """How many are stored."""
        return asyncio.run(_counted(self.database_url))


def contender(name: str) -> tuple[str, ...]:
    """The command of one of `contenders`, which takes the port last."""
    return ("-m", f"tests.benchmarks.contenders.{name}")


def until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", logs: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(logs.read_text())


@contextmanager
def databases(engine: str, folder: Path, *names: str) -> Iterator[dict[str, tuple[str, str]]]:
    """For each name a database with a key: the URL and the secret. Durable ones: fsync is on."""
    with ExitStack() as stack:
        urls = {name: f"sqlite:///{folder / str(number)}.db" for number, name in enumerate(names)}
        if engine == "postgresql":
            server = stack.enter_context(postgres.cluster(fsync=True))
            urls = {name: stack.enter_context(postgres.fresh_database(server.url())) for name in names}
        yield {name: (url, asyncio.run(_key(url))) for name, url in urls.items()}


def make_way() -> None:
    """Leave the first core to the servers: for this process, and for all that it starts."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[1:])


def analyze(url: str) -> None:
    """What autovacuum does within a minute: without statistics, foreign keys are checked by the wrong index."""
    if url.startswith("postgresql"):
        postgres.execute(url, "ANALYZE")


async def _key(url: str) -> str:
    async with opened(url) as database:
        return (await database.write(NewKey("benchmark", "live"))).secret


async def _counted(url: str) -> int:
    database = Database(url)
    try:
        return await database.read(lambda connection: int(connection.exec_driver_sql(COUNT).scalar_one()))
    finally:
        await database.close()


COUNT = "SELECT count(*) FROM customers"


@contextmanager
def workspace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
