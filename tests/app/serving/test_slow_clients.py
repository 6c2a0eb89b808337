"""Two hundred clients that send a byte a second, and one that means it."""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.app.serving.wire import Wire
from tests.postgres import eventually
from tests.server import Server, serving

# Each starts a process of its own.
pytestmark = pytest.mark.slow

SLOW = 200
CREATE = "mutation($id: String!) { createCustomer(input: {externalId: $id}) { __typename } }"


@contextmanager
def besieged(server: Server, beginning: bytes) -> Iterator[list[Wire]]:
    """Connections that begin a request and go on with a byte a second. Those that were ended leave the list."""
    enough = threading.Event()
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(server.port)) for _ in range(SLOW)]
        alive = list(wires)

        def go_on() -> None:
            for wire in wires:
                wire.send_while_it_listens(beginning)
            while alive and not enough.wait(1):
                alive[:] = [wire for wire in alive if listens(wire)]

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield alive
        finally:
            enough.set()
            thread.join()


def listens(wire: Wire) -> bool:
    try:
        wire.socket.sendall(b"x")
    except OSError:
        return False
    return True


@pytest.mark.parametrize("beginning", [b"", b"GET /graphql HTTP/1.1\r\nHost: a\r\nX: "])
@pytest.mark.parametrize("most", [1000, 50])
def test_they_stop_nobody_and_are_gone_soon(tmp_path: Path, beginning: bytes, most: int) -> None:
    settings = {"BILLFOLK_MAX_CONNECTIONS": str(most), "BILLFOLK_HEADER_TIMEOUT": "3"}
    with (
        serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server,
        besieged(server, beginning) as alive,
    ):
        headers = {"authorization": f"Bearer {server.key}"}
        for number in range(20):
            # A connection of its own each time: it has to get in.
            body = {"query": CREATE, "variables": {"id": str(number)}}
            response = httpx.post(f"{server.url}/graphql", json=body, headers=headers)
            assert response.json() == {"data": {"createCustomer": {"__typename": "CreateCustomerSuccess"}}}
        eventually(lambda: not alive, what="all of them are gone")


def test_a_body_that_drips_is_ended_too(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, BILLFOLK_BODY_TIMEOUT="3") as server:
        lines = (b"POST /graphql HTTP/1.1", b"Host: a", b"Content-Type: application/json", b"Content-Length: 1000")
        beginning = b"\r\n".join((*lines, b"X-Api-Key: " + server.key.encode(), b"", b"{"))
        with besieged(server, beginning) as alive:
            assert httpx.get(f"{server.url}/readyz").status_code == 200
            eventually(lambda: not alive, what="all of them are gone")


def test_what_is_refused_does_not_fill_the_log(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) as server:
        for _ in range(300):
            with Wire(server.port) as wire:
                assert wire.send(b"nonsense\r\n\r\n").answer().status == 400
        assert server.stop() == 0
        told = re.findall(r"(\d+) more requests were refused before they were read: Bad Request", server.printed)
        assert 1 + sum(map(int, told)) == 300
        assert len(server.printed.splitlines()) < 50


def test_a_machine_without_the_fast_parser_and_loop_serves_all_the_same(tmp_path: Path) -> None:
    for name in ("httptools", "uvloop"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, PYTHONPATH=str(tmp_path)) as server:
        body = {"query": CREATE, "variables": {"id": "acme"}}
        response = httpx.post(f"{server.url}/graphql", json=body, headers={"authorization": f"Bearer {server.key}"})
        assert response.json() == {"data": {"createCustomer": {"__typename": "CreateCustomerSuccess"}}}
        with Wire(server.port) as wire:
            assert wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n").answer().status == 400
        assert server.stop() == 0
