"""What is sent."""

import asyncio

import pytest

from app.outbound.calling import Client
from app.outbound.errors import BadHeaders
from tests.app.outbound.conftest import Names, Wire
from tests.app.outbound.receivers import (
    OK,
    answering,
    receiving,
    serving,
)
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio


async def test_sends_what_it_is_given(client: Client, names: Names) -> None:
    names.answers["hooks.example"] = [["127.0.0.1"]]
    async with receiving(answering()) as receiver:
        await client.post(
            f"http://Hooks.example.:{receiver.port}/a/ü?b=c#d",
            b'{"e": 1}',
            {"Content-Type": "application/json", "webhook-id": "evt_1"},
        )

    [request] = receiver.requests
    head, body = request.split(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    assert line == b"POST /a/%C3%BC?b=c HTTP/1.1"
    assert dict(field.split(b": ", 1) for field in fields) == {
        b"host": b"hooks.example:%d" % receiver.port,
        b"content-length": b"8",
        b"accept": b"*/*",
        b"accept-encoding": b"identity",
        b"user-agent": b"Billfolk",
        b"content-type": b"application/json",
        b"webhook-id": b"evt_1",
    }
    assert body == b'{"e": 1}'


async def test_an_ipv6_address_is_in_brackets_in_the_host(client: Client, wire: Wire) -> None:
    # Not every machine has IPv6.
    wire.instead["::1"] = "127.0.0.1"
    async with receiving(answering()) as receiver:
        await client.post(f"http://[0:0::1]:{receiver.port}/", b"", {})

    assert b"\r\nhost: [::1]:%d\r\n" % receiver.port in receiver.requests[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "127.0.0.1"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "upgrade"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("x-a", "1\r\nhost: 127.0.0.1"),
        ("x-a\r\nx-b", "1"),
        ("x a", "1"),
        ("x:a", "1"),
        ("", "1"),
        ("x-a", " 1"),
        ("x-a", "1\n"),
        ("x-a", "1\0"),
        ("x-a", "ü"),
        ("ü", "1"),
    ],
)
async def test_headers_that_are_not_the_callers_are_refused(name: str, value: str, client: Client) -> None:
    async with receiving(serving) as receiver:
        with pytest.raises(BadHeaders) as refused:
            await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {name: value})

    assert receiver.connections == 0
    assert not refused.value.may_retry


async def test_a_proxy_of_the_environment_is_not_asked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(serving) as proxy, receiving(answering()) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})

    assert (receiver.connections, proxy.connections) == (1, 0)


async def test_a_connection_that_was_closed_meanwhile_is_made_anew(client: Client) -> None:
    async with receiving(answering(OK)) as receiver:
        await client.post(f"http://127.0.0.1:{receiver.port}/", b"1", {})
        await asyncio.wait_for(receiver.ended.wait(), PATIENCE)
        answer = await client.post(f"http://127.0.0.1:{receiver.port}/", b"2", {})

    assert (answer.status, receiver.connections) == (200, 2)
