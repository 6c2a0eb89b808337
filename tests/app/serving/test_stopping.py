"""`serve` that is told to stop: nobody who asked something is left without an answer."""

import asyncio
import signal
import socket
import threading
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.app.serving.wire import Wire
from tests.postgres import eventually
from tests.server import PATIENCE, Server, serving

# Each starts processes of its own.
pytestmark = pytest.mark.slow

CREATE = """mutation($id: String!) { createCustomer(input: {externalId: $id}) {
  __typename ... on CreateCustomerSuccess { customer { id } } } }"""


async def outcome(client: httpx.AsyncClient, name: str) -> tuple[str, bool]:
    """What came of creating a customer, and whether the connection may be used again."""
    response = await client.post("/graphql", json={"query": CREATE, "variables": {"id": name}})
    again = response.headers.get("connection") != "close"
    return response.json()["data"]["createCustomer"]["__typename"], again


def client_of(server: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=server.url, headers={"authorization": f"Bearer {server.key}"}, timeout=PATIENCE, trust_env=False
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_request_under_load_is_answered(own_database: str, tmp_path: Path, workers: str) -> None:
    settings = {"BILLFOLK_WORKERS": workers, "BILLFOLK_SHUTDOWN_GRACE": "3"}
    with serving(own_database, tmp_path, **settings) as server:
        acknowledged: list[str] = []
        enough = threading.Event()

        async def creating(number: int) -> None:
            async with client_of(server) as client:
                again, n = True, 0
                while again:
                    name = f"{number}-{n}"
                    created, again = await outcome(client, name)
                    assert created == "CreateCustomerSuccess"
                    acknowledged.append(name)
                    n += 1
                    if len(acknowledged) >= 200:
                        enough.set()

        def stopping() -> int:
            assert enough.wait(PATIENCE)
            return server.stop()

        async def both() -> int:
            code = asyncio.create_task(asyncio.to_thread(stopping))
            await asyncio.gather(*(creating(number) for number in range(16)))
            return await code

        assert asyncio.run(both()) == 0
        server.start()

        query = {"query": "{ customers(first: 1) { totalCount } }"}
        stored = httpx.post(f"{server.url}/graphql", json=query, headers={"x-api-key": server.key}).json()
        assert stored["data"]["customers"]["totalCount"] == len(acknowledged)


def stuck(server: Server) -> Wire:
    """A request that can't be answered, for its body does not come."""
    lines = (b"POST /graphql HTTP/1.1", b"Host: a", b"Content-Type: application/json", b"Content-Length: 10")
    head = b"\r\n".join((*lines, b"X-Api-Key: " + server.key.encode(), b"Expect: 100-continue", b"", b""))
    wire = Wire(server.port).send(head)
    assert wire.answer().status == 100
    return wire


def is_listening(server: Server) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", server.port)) == 0


def test_it_says_so_before_it_stops(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, BILLFOLK_SHUTDOWN_GRACE="600") as server:
        assert server.process
        with Wire(server.port) as kept:
            ask = b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"
            assert kept.send(ask % b"readyz").answer().body == b"ok"
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, what="it is about to stop")

            last = kept.send(ask % b"healthz").answer()

            assert (last.status, last.headers["connection"]) == (200, "close")
            assert kept.rest() == b""
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 128 + signal.SIGTERM


def test_an_interrupt_stops_it_without_delay(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, BILLFOLK_SHUTDOWN_GRACE="600") as server:
        assert server.process
        with Wire(server.port) as idle, Wire(server.port).send(b"GET /hea") as slow:
            server.process.send_signal(signal.SIGINT)
            assert idle.rest() == b""
            assert (slow.answer().status, slow.rest()) == (503, b"")
        assert server.process.wait(PATIENCE) == 0


def test_a_request_that_takes_too_long_is_told_so(tmp_path: Path) -> None:
    settings = {"BILLFOLK_SHUTDOWN_GRACE": "0", "BILLFOLK_SHUTDOWN_TIMEOUT": "1"}
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server, stuck(server) as wire:
        assert server.stop() == 0

        refused = wire.answer()

        assert refused.status == 503
        assert refused.error["extensions"] == {"code": "BUSY"}
        assert wire.rest() == b""


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    settings = {"BILLFOLK_SHUTDOWN_GRACE": "0", "BILLFOLK_SHUTDOWN_TIMEOUT": "600", "BILLFOLK_BODY_TIMEOUT": "600"}
    with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server, stuck(server):
        assert server.process
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: not is_listening(server), what="it accepts no connection")
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 128 + signal.SIGTERM
