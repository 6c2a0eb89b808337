"""The real thing: `python -m app serve` in a process of its own, as the README says."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

ROOT = Path(__file__).parent.parent
# Seconds, for what takes less than one on an idle machine.
PATIENCE = 60.0


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with BILLFOLK_* settings of the test's own only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BILLFOLK_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error", **settings}


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command of the CLI, to its end."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "app", *arguments],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """A server that can be killed and started again on the same port and data."""

    database_url: str
    logs: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def printed(self) -> str:
        return self.logs.read_text()

    @property
    def key(self) -> str:
        """The key that the first start printed."""
        found = re.search(r"sk_\S+", self.printed)
        assert found, self.printed
        return found[0]

    def start(self) -> None:
        settings = {"BILLFOLK_DATABASE_URL": self.database_url, **self.settings}
        with self.logs.open("ab") as logs:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "app", "serve", "--port", str(self.port)],
                env=environment(settings),
                cwd=ROOT,
                stdout=logs,
                stderr=logs,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """As a power cut would: nothing of the process's own runs any more."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(database_url: str, folder: Path, **settings: str) -> Iterator[Server]:
    """A server that is up, and is gone afterwards."""
    server = Server(database_url, folder / "server.log", settings)
    server.start()
    try:
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
