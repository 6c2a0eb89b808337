"""What a person at a terminal is shown while an import goes on, and what a log is."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.transfer.conftest import Command
from tests.app.transfer.resuming import PATIENCE, rows, written
from tests.server import ROOT, environment

# Each starts processes of its own.
pytestmark = pytest.mark.slow

# ECMA-48: what moves the cursor, colours and erases.
CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
FRAME = re.compile(r"(\w+) ━+[╸╺]?━* +([\d,]+) of ([\d,]+) +(?:([\d,]+) rows/s)? +(\d+:\d\d:\d\d|-:--:--) left")


def shown_by(command: list[str], **variables: str) -> tuple[int, str]:
    """The exit code of a command at a terminal of 100 columns, and all that it wrote to it."""
    inside, outside = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        env=environment({"TERM": "xterm-256color", "COLUMNS": "100", **variables}),
        stdout=outside,
        stderr=outside,
    )
    os.close(outside)
    shown = b""
    try:
        while part := os.read(inside, 65536):
            shown += part
    except OSError:
        pass  # Linux says so when the other side is closed.
    os.close(inside)
    return process.wait(PATIENCE), shown.decode()


def test_a_terminal_is_shown_a_bar_with_rate_and_time_left(own_database: str, command: Command, tmp_path: Path) -> None:
    file = written(tmp_path, rows(20_000))
    code, shown = shown_by(["import", str(file)], BILLFOLK_DATABASE_URL=own_database)
    frames = FRAME.findall(CONTROL.sub("", shown))

    assert code == 0
    assert {(what, total) for what, _, total, _, _ in frames} == {("Importing", "20,000")}
    assert frames[0][1] == "0"
    assert frames[-1][1] == "20,000"
    # On the way, and not only in the end.
    assert [frame for frame in frames if frame[1] != "20,000" and frame[3] and frame[4] != "-:--:--"]
    # One line, drawn over and over; what remains is the sum.
    assert CONTROL.sub("", shown).splitlines()[-1] == "20,000 created."


def test_a_log_is_told_in_lines_without_control_characters(own_database: str, command: Command, tmp_path: Path) -> None:
    ended = command("import", str(written(tmp_path, rows(20_000))))

    assert ended.returncode == 0
    assert ended.stdout == ""
    assert re.findall(r"[^\x20-\x7e\n]", ended.stderr) == []
    told = re.compile(r"[\d,]+ of 20,000 rows, [\d,]+ rows/s(, [\d,]+ s left)?")
    *lines, last = ended.stderr.splitlines()
    assert all(told.fullmatch(line) for line in lines)
    assert last == "20,000 created."
