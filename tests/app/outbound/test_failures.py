"""Calls without an answer."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest

from app.outbound.calling import Client
from app.outbound.errors import Broken, TimedOut, Unreachable
from tests.app.outbound.conftest import Make, Names
from tests.app.outbound.receivers import (
    Behaviour,
    Receiver,
    answering,
    dripping,
    mute,
    receiving,
    serving,
    silent,
)
from tests.server import PATIENCE, free_port

pytestmark = pytest.mark.anyio

NOT_HTTP = {
    "nothing": b"",
    "NULs": b"\x00" * 1000,
    "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
    "Redis": b"+PONG\r\n",
    "a status of five digits": b"HTTP/1.1 99999 OK\r\n\r\n",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "a NUL in a header": b"HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
    "less than its length": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
    "a chunk of no size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "half a chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
    "an unknown encoding": b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a header of a megabyte": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "only interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
}


@pytest.mark.parametrize("kind", NOT_HTTP)
async def test_what_is_not_http_is_told(kind: str, client: Client) -> None:
    async with receiving(answering(NOT_HTTP[kind])) as receiver:
        with pytest.raises(Broken) as failed:
            await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})

    assert failed.value.may_retry
    assert failed.value.__cause__ is not None


async def test_a_switch_of_protocols_that_nobody_asked_for_is_told(client: Client) -> None:
    async def switching(receiver: Receiver, reader: StreamReader, writer: StreamWriter) -> None:
        await receiver.request(reader)
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nraw")
        await reader.read()

    async with receiving(switching) as receiver:
        with pytest.raises(Broken):
            await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})
        await asyncio.wait_for(receiver.ended.wait(), PATIENCE)


async def test_nobody_listening_is_told(client: Client) -> None:
    with pytest.raises(Unreachable) as failed:
        await client.post(f"http://127.0.0.1:{free_port()}/", b"{}", {})

    assert failed.value.may_retry


@pytest.mark.parametrize(
    ("behaviour", "setting"),
    [
        (silent, "outbound_read_timeout"),
        (silent, "outbound_timeout"),
        (dripping, "outbound_timeout"),
    ],
)
async def test_a_slow_answer_is_not_waited_for(behaviour: Behaviour, setting: str, make: Make) -> None:
    async with receiving(behaviour) as receiver:
        call = make(**{setting: 0.2}).post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})
        with pytest.raises(TimedOut) as failed:
            # An outer limit, so that no other than the one that is set can be what ends it.
            await asyncio.wait_for(call, PATIENCE / 2)
        await asyncio.wait_for(receiver.ended.wait(), PATIENCE)

    assert failed.value.may_retry


async def test_a_body_that_is_not_taken_is_not_waited_for(make: Make) -> None:
    async with receiving(mute) as receiver:
        call = make(outbound_read_timeout=0.2).post(f"http://127.0.0.1:{receiver.port}/", b"x" * 20_000_000, {})
        with pytest.raises(TimedOut):
            await asyncio.wait_for(call, PATIENCE / 2)


async def test_a_look_up_without_end_is_not_waited_for(
    make: Make, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(host: str) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(names, "resolve", hang)
    call = make(outbound_connect_timeout=0.05).post("https://slow.example/", b"{}", {})
    with pytest.raises(TimedOut, match="name"):
        await asyncio.wait_for(call, PATIENCE / 2)


async def test_whoever_hangs_takes_no_place_from_others(client: Client) -> None:
    async with receiving(silent) as hanging, receiving(serving) as receiver:
        hung = [asyncio.create_task(client.post(f"http://127.0.0.1:{hanging.port}/", b"", {})) for _ in range(50)]
        await asyncio.wait_for(hanging.reached.wait(), PATIENCE)

        assert (await client.post(f"http://127.0.0.1:{receiver.port}/", b"", {})).status == 200

        assert not any(task.done() for task in hung)
        for task in hung:
            task.cancel()
        ended = await asyncio.gather(*hung, return_exceptions=True)
    assert {type(error) for error in ended} == {asyncio.CancelledError}


async def test_whoever_calls_may_give_up(client: Client) -> None:
    async with receiving(silent) as receiver:
        call = asyncio.create_task(client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {}))
        await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(receiver.ended.wait(), PATIENCE)
