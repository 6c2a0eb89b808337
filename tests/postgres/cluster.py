"""One PostgreSQL server for tests: started from the wheel, stopped, killed and started again on the same port."""

import asyncio
import ctypes
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import psutil  # type: ignore[import-untyped]  # it ships no types

from tests.postgres.workspace import Workspace, eventually, workspace

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",  # files in the data directory, so that kill() leaves none in /dev/shm
}


class Cluster:
    """A data directory, its port (fixed for life) and, while it runs, its postmaster."""

    def __init__(self, room: Workspace, name: str) -> None:
        self.room = room
        self.name = name
        self.data = room.directory / name
        self.log = room.directory / f"{name}.log"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> Any:
        """Run one statement as the superuser; return the first column of its first row."""
        return execute(self.url(database), statement)

    def initialise(self, *, fsync: bool) -> None:
        self.room.run(
            *("initdb", "-D", self.data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"),
            *("--no-sync", "--no-instructions"),
        )
        durability = {"fsync": "on"} if fsync else {"fsync": "off", "full_page_writes": "off"}
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in (SETTINGS | durability).items())

    def start(self) -> None:
        """Start, and return once it accepts connections."""
        with self.log.open("ab") as log:
            process = self.room.spawn("postgres", "-D", self.data, "-p", str(self.port), output=log)
        self.process = process
        try:
            eventually(lambda: process.poll() is not None or self._state() == "ready", what=f"{self.name} is ready")
        except TimeoutError as error:
            error.add_note(self.log_tail())
            raise
        if process.returncode is not None:
            raise RuntimeError(f"{self.name} did not start ({process.returncode}):\n{self.log_tail()}")

    def stop(self) -> None:
        """Shut down in good order, breaking open connections."""
        self._end(signal.SIGINT)

    def abort(self) -> None:
        """Shut down at once, as after a crash: the next start recovers."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """SIGKILL every process of the server, as the machine's death would: no backend finishes what it was doing."""
        if self.process is None:
            return
        postmaster = psutil.Process(self.process.pid)
        postmaster.suspend()  # so that it forks no more while its children, each a group of its own, are counted
        family = [*postmaster.children(recursive=True), postmaster]
        for member in family:
            member.kill()
        self.process.wait()
        self.process = None
        eventually(lambda: all(gone(member.pid) for member in family), what=f"every process of {self.name} is gone")
        _forget(self.data / "postmaster.pid")

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)
            self.process = None

    def _state(self) -> str:
        """The last line of the lock file, which is how pg_ctl waits too; a hot standby says "ready" as well."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ""
        return lines[7].strip() if len(lines) > 7 else ""


@contextmanager
def cluster(*, fsync: bool = False) -> Iterator[Cluster]:
    """A running server with a superuser `postgres` and no passwords; removed at the end."""
    with workspace() as room:
        server = Cluster(room, "primary")
        server.initialise(fsync=fsync)
        server.start()
        try:
            yield server
        finally:
            server.abort()


def execute(url: str, statement: str) -> Any:
    """Run one statement outside a transaction; a thread's own event loop makes it callable from any test."""

    async def run() -> Any:
        connection = await asyncpg.connect(url, timeout=30)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def free_port() -> int:
    """Below the ports that systems hand to outgoing connections, so that a stopped server finds its own free again."""
    for _ in range(100):
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20000 and 32000")


def gone(pid: int) -> bool:
    """Whether a process has ended; an orphan that nobody reaps has."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _forget(lock_file: Path) -> None:
    """Remove what a killed postmaster leaves: its lock file, and the System V segment that is named there."""
    ipc_rmid = 0
    ctypes.CDLL(None).shmctl(int(lock_file.read_text().splitlines()[6].split()[1]), ipc_rmid, None)
    lock_file.unlink()
