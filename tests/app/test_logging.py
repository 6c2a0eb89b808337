"""What is logged by whatever writes to Python's logging, and by commands."""

import asyncio
import json
import logging
import os
import pty
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import stamina
from sqlalchemy.exc import IntegrityError

from app.observing import logs
from app.observing.lines import LONGEST, Lines
from app.settings import Settings
from tests.lines import lines
from tests.server import ROOT, environment

CANARY = "canary@example.com"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def logging_as_served() -> Iterator[None]:
    """Logging as `python -m app` has it, in this process; afterwards as it was."""
    loggers = [logging.getLogger(name) for name in (None, "billfolk", "uvicorn")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    shown = warnings.showwarning
    logs.configure(Settings(log_format="json"))
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
    warnings.showwarning = shown
    stamina.instrumentation.set_on_retry_hooks(None)


class UniqueViolation(Exception):
    """As asyncpg's: its words hold what was to be stored."""

    sqlstate = "23505"


def fail() -> None:
    """A bug, because of SQLAlchemy's failure, because of the driver's."""
    try:
        try:
            raise UniqueViolation(f"Key (email)=({CANARY}) already exists.")
        except UniqueViolation as error:
            raise IntegrityError("INSERT INTO customers", {"email": CANARY}, error) from error
    except IntegrityError as error:
        raise RuntimeError(CANARY) from error


def written(capfd: Capture) -> tuple[list[dict[str, Any]], str]:
    printed = capfd.readouterr().err
    assert CANARY not in printed
    return lines(printed), printed


@pytest.mark.usefixtures("logging_as_served")
def test_an_exception_is_told_by_types_and_places_alone(capfd: Capture) -> None:
    try:
        fail()
    except RuntimeError:
        logging.getLogger("billfolk").exception("it failed", extra={"request_id": "req-1"})
    [line], printed = written(capfd)

    assert (line["level"], line["event"], line["request_id"]) == ("error", "it failed", "req-1")
    assert (line["exception"], line["sqlstate"]) == ("RuntimeError", "23505")
    assert [place for place in line["traceback"] if ":" not in place] == [
        f"{__name__}.UniqueViolation",
        "sqlalchemy.exc.IntegrityError",
        "RuntimeError",
    ]
    assert any("test_logging.py:" in place and place.endswith(" fail") for place in line["traceback"])
    assert "INSERT" not in printed


@pytest.mark.usefixtures("logging_as_served")
@pytest.mark.parametrize(
    ("message", "arguments", "told"),
    [
        ("%s - WebSocket %s", (CANARY, f"/graphql?query={CANARY}"), "… - WebSocket …"),
        ("Started server process [%d]", (17,), "Started server process [17]"),
        ("took %.2f s: %r", (1.5, CANARY), "took 1.50 s: '…'"),
        ("Invalid HTTP request received.", (), "Invalid HTTP request received."),
        (f"Task exception was never retrieved\nfuture: <exception={CANARY}>", (), "Task exception was never retrieved"),
        (f"Exception in callback send('{CANARY}')", (), "Exception in callback"),
        (f"nobody like {CANARY} is there", (), "nobody like"),
    ],
)  # fmt: skip
def test_what_other_packages_say_is_told_without_values(
    message: str, arguments: tuple[object, ...], told: str, capfd: Capture
) -> None:
    logging.getLogger("asyncio").error(message, *arguments)
    [line], _ = written(capfd)

    assert (line["event"], line["logger"]) == (told, "asyncio")


@pytest.mark.usefixtures("logging_as_served")
def test_a_warning_is_told_by_its_kind_and_place(capfd: Capture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = logs._warned  # type: ignore[assignment]  # catch_warnings has put back Python's
        warnings.warn(f"unexpected value {CANARY}", RuntimeWarning, stacklevel=1)
    [line], _ = written(capfd)

    assert line["level"] == "warning"
    assert line["event"].startswith("RuntimeWarning at ")
    assert "test_logging.py:" in line["event"]


@pytest.mark.usefixtures("logging_as_served")
def test_of_transactions_that_are_tried_again_the_first_is_told(capfd: Capture) -> None:
    async def failing() -> None:
        raise ConnectionResetError(CANARY)

    async def trying() -> None:
        again = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.001, wait_max=0.001).on(ConnectionResetError)
        with pytest.raises(ConnectionResetError):
            await again(failing)

    stamina.set_testing(False)
    asyncio.run(trying())
    [line], _ = written(capfd)

    assert (line["level"], line["event"]) == ("warning", "a transaction is tried again, after ConnectionResetError")


@pytest.mark.usefixtures("logging_as_served")
def test_uvicorns_own_lines_for_requests_are_off(capfd: Capture) -> None:
    logging.getLogger("uvicorn.access").info('%s - "%s"', CANARY, CANARY)
    assert written(capfd) == ([], "")


@pytest.mark.parametrize("fields", [{"traceback": ["x" * 200] * 60}, {"client": "ü" * 9000}, {"request_id": "r"}])
def test_a_line_is_never_longer_than_what_a_pipe_takes_at_once(fields: dict[str, Any], capfd: Capture) -> None:
    Lines("json").write("error", "e" * 9000, fields)
    printed = capfd.readouterr().err

    assert len(printed.encode()) <= LONGEST
    assert json.loads(printed)["event"] == "e" * 200


@pytest.mark.parametrize("format", ["auto", "text", "json"])
def test_a_terminal_gets_text_unless_json_is_asked_for(format: Any) -> None:
    master, terminal = pty.openpty()
    try:
        Lines(format, terminal).write("info", "serving", {"request_id": "r", "fields": ("a", "b"), "empty": None})
        printed = os.read(master, 4096).decode()
    finally:
        os.close(master)
        os.close(terminal)

    assert printed.startswith("{") == (format == "json")
    assert format == "json" or printed.rstrip().endswith("info    serving request_id=r fields=a,b")


def test_a_log_that_nobody_reads_any_more_stops_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        Lines("json", writer).write("info", "serving", {})
    finally:
        os.close(writer)


def test_lines_of_one_turn_are_written_in_order_and_in_pieces_that_a_pipe_takes_at_once() -> None:
    async def many(log: Lines) -> None:
        for number in range(60):
            log.write_soon("info", "x" * 100, {"n": number})
        log.write("error", "now", {"n": 60})
        log.write_soon("info", "later", {"n": 61})
        await asyncio.sleep(0)
        log.write_soon("info", "in another turn", {"n": 62})

    # A pipe that keeps its pieces apart, as a datagram each.
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with reader, writer:
        asyncio.run(many(Lines("json", writer.fileno())))
        reader.setblocking(False)
        pieces = []
        with suppress(BlockingIOError):
            while True:
                pieces.append(reader.recv(100_000))

    assert max(map(len, pieces)) <= LONGEST
    assert len(pieces) < 10
    assert [json.loads(line)["n"] for piece in pieces for line in piece.splitlines()] == list(range(63))


@pytest.mark.slow
def test_the_lines_of_several_processes_do_not_mix() -> None:
    program = (
        "import sys; from app.observing.lines import Lines; log = Lines('json')\n"
        "for n in range(2000): log.write('info', sys.argv[1] * 500, {'n': n})"
    )
    reader, writer = os.pipe()
    processes = [
        subprocess.Popen([sys.executable, "-c", program, name], env=environment({}), cwd=ROOT, stderr=writer)  # noqa: S603 - ours
        for name in "abcd"
    ]
    os.close(writer)
    with os.fdopen(reader) as log:
        read = [json.loads(line) for line in log]

    assert [process.wait(60) for process in processes] == [0] * 4
    for name in "abcd":
        assert [line["n"] for line in read if line["event"] == name * 500] == list(range(2000))
