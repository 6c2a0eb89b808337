"""Clients that leave in the middle: what they had asked for is there as a whole, or not at all."""

import asyncio
import json
import socket
import struct
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.api import mutation
from tests.server import Server, serving

CREATE = mutation("createCustomer")
FIND = """query($id: String!) { customer(by: {externalId: $id}) {
  name metadata version integrations { provider id } events(first: 5) { nodes { type } } } }"""

# How long after its last byte a client is gone, in seconds: before the server reads, while it writes, afterwards. The
# last ones stay until the answer begins.
MOMENTS = [*(0.001 * 1.4**n for n in range(20)), *[None] * 3]


def body_of(name: str) -> bytes:
    customer = {
        "externalId": name,
        "name": name,
        "metadata": {f"key{n}": name for n in range(50)},
        "integrationEntityMapping": [{"provider": "STRIPE", "id": f"cus_{name}"}, {"provider": "PAYPAL", "id": name}],
    }
    return json.dumps({"query": CREATE, "variables": {"input": customer, "idempotencyKey": name}}).encode()


def request_of(server: Server, body: bytes) -> bytes:
    lines = ("POST /graphql HTTP/1.1", "host: x", f"x-api-key: {server.key}", "content-type: application/json")
    return "\r\n".join((*lines, f"content-length: {len(body)}", "", "")).encode() + body


async def ask_and_leave(server: Server, name: str, after: float | None, *, missing: int, abruptly: bool) -> None:
    """Send the request, without its last bytes perhaps, and be gone: `abruptly` with a reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    if abruptly:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sent = request_of(server, body_of(name))
    writer.write(sent[: len(sent) - missing])
    await writer.drain()
    if after is None:
        assert await reader.read(1) == b"H"
    else:
        await asyncio.sleep(after)
    writer.close()


async def leave_in_every_moment(server: Server) -> None:
    for abruptly in (False, True):
        async with asyncio.TaskGroup() as clients:
            for n, after in enumerate(MOMENTS):
                leaving = ask_and_leave(server, f"whole-{abruptly}-{n}", after, missing=0, abruptly=abruptly)
                clients.create_task(leaving)
                missing = 1 + 7 * n
                leaving = ask_and_leave(server, f"cut-{abruptly}-{n}", after or 0, missing=missing, abruptly=abruptly)
                clients.create_task(leaving)


@pytest.mark.slow
def test_a_client_that_leaves_leaves_a_whole_record_or_none(own_database: str, tmp_path: Path) -> None:
    with serving(own_database, tmp_path) as server:
        asyncio.run(leave_in_every_moment(server))
        clients = [
            (kind, abruptly, n) for kind in ("whole", "cut") for abruptly in (False, True) for n in range(len(MOMENTS))
        ]
        was_stored = {}
        with httpx.Client(headers={"x-api-key": server.key}, timeout=30) as client:

            def post(body: bytes) -> Any:
                headers = {"content-type": "application/json"}
                answer = client.post(f"{server.url}/graphql", content=body, headers=headers).json()
                assert "errors" not in answer, answer
                return answer["data"]

            for kind, abruptly, n in clients:
                name = f"{kind}-{abruptly}-{n}"
                # The same call again waits for the first one's transaction, and finds all of it or nothing.
                outcome = post(body_of(name))["createCustomer"]
                assert outcome["__typename"] == "CreateCustomerSuccess", outcome
                was_stored[kind, abruptly, n] = outcome["replayed"]
                found = post(json.dumps({"query": FIND, "variables": {"id": name}}).encode())["customer"]
                assert found == {
                    "name": name,
                    "metadata": {f"key{n}": name for n in range(50)},
                    "version": 1,
                    "integrations": [{"provider": "PAYPAL", "id": name}, {"provider": "STRIPE", "id": f"cus_{name}"}],
                    "events": {"nodes": [{"type": "CUSTOMER_CREATED"}]},
                }
        assert server.stop() == 0
        printed = server.printed

    assert not any(stored for (kind, *_), stored in was_stored.items() if kind == "cut")
    answered = [n for n, moment in enumerate(MOMENTS) if moment is None]
    assert all(was_stored["whole", abruptly, n] for abruptly in (False, True) for n in answered)
    assert "Traceback" not in printed
    assert '"level":"error"' not in printed
