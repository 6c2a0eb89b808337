"""`serve` with two workers."""

import signal
import sqlite3
from pathlib import Path

import httpx2 as httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.postgres import eventually
from tests.server import PATIENCE, Server, serving

# Each starts processes of its own.
pytestmark = pytest.mark.slow

TWO = {"BILLFOLK_WORKERS": "2", "BILLFOLK_SHUTDOWN_GRACE": "0"}


def workers(server: Server) -> list[psutil.Process]:
    assert server.process
    return [child for child in psutil.Process(server.process.pid).children() if serves(child)]


def serves(child: psutil.Process) -> bool:
    """Whether it is alive, and not the process that multiprocessing has of its own."""
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return False


def started(server: Server) -> list[psutil.Process]:
    """Both, once each of them serves."""
    eventually(lambda: server.printed.count("Application startup complete") == 2, what="both serve", within=PATIENCE)
    return workers(server)


def has_two(server: Server) -> bool:
    return len(workers(server)) == 2


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_they_end_with_the_first_process(tmp_path: Path, sent: signal.Signals) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **TWO) as server:
        assert server.process
        both = started(server)
        server.process.send_signal(sent)

        assert server.process.wait(PATIENCE) == 0
        assert (len(both), [serves(worker) for worker in both]) == (2, [False, False])
        assert server.printed.count("sk_") == 2  # once by itself, and once in the command
        assert "Traceback" not in server.printed


def test_one_that_dies_is_replaced(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **TWO) as server:
        first, second = started(server)
        first.kill()
        eventually(lambda: has_two(server) and first not in workers(server), what="another is there")
        second.kill()
        eventually(lambda: has_two(server) and second not in workers(server), what="another is there, too")
        eventually(server.answers, what="they serve")
        assert server.stop() == 0


def test_they_do_not_outlive_the_first_process(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **TWO) as server:
        both = started(server)
        server.kill()
        eventually(lambda: not any(serves(worker) for worker in both), what="they are gone")


def test_one_that_cannot_start_leaves_the_other_alone_and_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with serving(f"sqlite:///{file}", tmp_path, **TWO) as server:
        first, second = started(server)
        version(file, "9999")
        first.kill()
        eventually(lambda: server.printed.count("Another starts in") > 1, what="the new one could not start")
        eventually(server.answers, what="the other one answers")
        second.kill()
        assert server.process
        assert server.process.wait(PATIENCE) == 1
        assert server.printed.endswith("billfolk: No worker could start\n")


def version(file: Path, number: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (number,))
    connection.close()


def test_a_second_signal_ends_all_at_once(tmp_path: Path) -> None:
    settings = {**TWO, "BILLFOLK_SHUTDOWN_GRACE": "600"}
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server:
        assert server.process
        both = started(server)
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, what="one is about to stop")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 128 + signal.SIGTERM
        eventually(lambda: not any(serves(worker) for worker in both), what="they are gone")


def test_signals_to_the_whole_group_end_nothing_too_early(tmp_path: Path) -> None:
    settings = {**TWO, "BILLFOLK_SHUTDOWN_GRACE": "2"}
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server:
        assert server.process
        # As systemd does, and a terminal: the workers hear of it twice.
        for process in (*started(server), psutil.Process(server.process.pid)):
            process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
