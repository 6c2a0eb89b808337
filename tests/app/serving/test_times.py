"""Clients that take their time: each test's have a second."""

import time

from tests.app.serving.conftest import Here
from tests.app.serving.wire import GET, Wire
from tests.postgres import eventually

SCRIPT = b"GET /graphiql/graphiql.min.js HTTP/1.1\r\nHost: a\r\n\r\n"


def dripped(wire: Wire, drop: bytes) -> None:
    """A byte now and then, for as long as the server listens."""
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            wire.send(drop)
            wire.socket.settimeout(0.1)
            try:
                if wire.socket.recv(1, 2):  # a look, which leaves the answer where it is
                    return
            except TimeoutError:
                continue
    finally:
        wire.socket.settimeout(30)


def test_a_header_section_that_comes_slowly_is_refused(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        dripped(wire.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: "), b"x")
        refused = wire.answer()

        assert refused.status == 408
        assert refused.headers["connection"] == "close"
        assert refused.error == {
            "message": "The request's header must be sent within 1 seconds.",
            "extensions": {"code": "TIMEOUT", "limit": "header time", "most": 1.0},
        }
        assert wire.rest() == b""


def test_the_second_header_section_has_no_more_time_than_the_first(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        assert wire.send(GET).answer().status == 200
        dripped(wire.send(b"GET /healthz HTTP/1.1\r\n"), b"x")
        assert wire.answer().status == 408


def test_a_body_that_comes_slowly_is_refused(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        dripped(wire.send(hurried.post(1000)), b" ")
        refused = wire.answer()

        assert refused.status == 408
        assert refused.error["extensions"] == {"code": "TIMEOUT", "limit": "body time", "most": 1.0}
        assert wire.rest() == b""


def test_a_connection_without_a_byte_is_closed_without_a_word(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        assert wire.rest() == b""


def test_a_connection_is_kept_for_another_request_but_not_for_ever(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        assert wire.send(GET).answer().status == 200
        assert wire.send(GET).answer().status == 200
        assert wire.rest() == b""


def test_empty_lines_keep_no_connection(hurried: Here) -> None:
    with Wire(hurried.port) as wire:
        deadline = time.monotonic() + 30
        try:
            while time.monotonic() < deadline:
                wire.send(b"\r\n")
                time.sleep(0.1)
        except (BrokenPipeError, ConnectionResetError):
            return
    raise AssertionError("the connection was kept")


def test_an_answer_ends_the_wait_for_the_rest_of_its_request(hurried: Here) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    with Wire(hurried.port) as wire:
        assert wire.send(head).answer().status == 401
        assert wire.rest() == b""


def test_a_client_that_does_not_read_its_answers_is_dropped(hurried: Here) -> None:
    with Wire(hurried.port, received=4096) as wire:
        script = wire.send(SCRIPT).answer().body
        wire.send(SCRIPT * 16)
        eventually(lambda: not hurried.server.server_state.connections, what="the connection is gone")
        assert len(wire.rest()) < 16 * len(script)
