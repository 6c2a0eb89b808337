"""Commands whose database is away, busy or slow: one line, soon, and no traceback."""

import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import eventually, execute
from tests.server import run

# Each starts processes of its own.
pytestmark = pytest.mark.slow

NEW_KEY = ("keys", "create", "--tenant", "acme", "--environment", "live")

HOLD = "DO $$ BEGIN LOCK TABLE api_keys; PERFORM pg_sleep(60); END $$"
IS_HELD = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
RELEASE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
IS_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'billfolk'"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'billfolk'"


def told(ended: Any) -> str:
    """The one line that a failed command prints."""
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1), ended
    return str(ended.stderr)


@pytest.mark.parametrize("command", [NEW_KEY, ("keys", "list"), ("keys", "revoke", "key_"), ("migrate",), ("purge",)])
def test_a_server_that_is_away_is_told_at_once(command: tuple[str, ...]) -> None:
    began = time.monotonic()

    line = told(run(*command, BILLFOLK_DATABASE_URL="postgresql://127.0.0.1:1/x"))

    assert line.startswith("billfolk: The database can't be reached: ")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("command", [("keys", "list"), ("purge",)])
def test_a_server_that_does_not_answer_is_told_soon(command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        line = told(run(*command, BILLFOLK_DATABASE_URL=f"postgresql://127.0.0.1:{mute.getsockname()[1]}/x"))

    assert line == "billfolk: The database can't be reached: the server did not answer in time\n"
    assert time.monotonic() - began < 15


def test_a_file_that_another_process_writes_to_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    assert run("migrate", BILLFOLK_DATABASE_URL=f"sqlite:///{file}").returncode == 0
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        line = told(run(*NEW_KEY, BILLFOLK_DATABASE_URL=f"sqlite:///{file}"))

    assert line == "billfolk: The server is busy. Try again in a moment.\n"


@contextmanager
def locked(url: str) -> Iterator[None]:
    """The keys' table, in somebody else's hands."""
    with ThreadPoolExecutor() as threads:
        holder = threads.submit(execute, url, HOLD)
        eventually(lambda: execute(url, IS_HELD), what="the table is locked")
        try:
            yield
        finally:
            execute(url, RELEASE)
            assert holder.exception()


def test_the_operators_limits_hold_for_commands_too(own_postgres: str) -> None:
    limits = {"BILLFOLK_DATABASE_URL": own_postgres, "BILLFOLK_DATABASE_STATEMENT_TIMEOUT": "0.5"}
    with locked(own_postgres):
        line = told(run(*NEW_KEY, **limits))

    assert line.startswith("billfolk: The database took too long.")


def test_a_lost_connection_is_met_with_another_without_a_word(own_postgres: str) -> None:
    with ThreadPoolExecutor() as threads:
        with locked(own_postgres):
            command = threads.submit(run, *NEW_KEY, BILLFOLK_DATABASE_URL=own_postgres)
            eventually(lambda: execute(own_postgres, IS_WAITING), what="the command waits")
            execute(own_postgres, CUT)
        ended = command.result()

    assert (ended.returncode, ended.stderr.count("\n")) == (0, 1)
    assert ended.stdout.startswith("sk_")
