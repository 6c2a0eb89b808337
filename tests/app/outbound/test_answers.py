"""What comes back."""

import asyncio

import pytest

from app.outbound.calling import Client
from tests.app.outbound.conftest import Make
from tests.app.outbound.receivers import (
    answering,
    endless,
    receiving,
    serving,
)
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio


async def test_gives_the_answer_whatever_its_status(client: Client) -> None:
    answer = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\ncontent-length: 4\r\n\r\nlate"
    async with receiving(answering(answer)) as receiver:
        got = await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})

    assert (got.status, got.body, got.whole) == (503, b"late", True)
    assert got.headers == {"retry-after": "7", "x-a": "1, 2", "content-length": "4"}
    assert 0 < got.seconds < PATIENCE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int, client: Client) -> None:
    async with receiving(serving) as private:
        answer = b"HTTP/1.1 %d X\r\nlocation: http://127.0.0.1:%d/\r\ncontent-length: 0\r\n\r\n" % (
            status,
            private.port,
        )
        async with receiving(answering(answer)) as receiver:
            got = await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})

    assert got.status == status
    assert (receiver.connections, private.connections) == (1, 0)


@pytest.mark.parametrize(("size", "whole"), [(999, True), (1000, True), (1001, False), (1_000_000, False)])
async def test_a_body_is_cut_to_the_bound(size: int, whole: bool, make: Make) -> None:
    async with receiving(answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * size)) as receiver:
        client = make(outbound_max_answer_bytes=1000)
        answer = await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})

    assert (len(answer.body), answer.whole) == (min(size, 1000), whole)


async def test_a_body_without_end_is_left(client: Client) -> None:
    async with receiving(endless) as receiver:
        answer = await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})
        # It writes until the connection is closed.
        await asyncio.wait_for(receiver.ended.wait(), PATIENCE)

    assert (len(answer.body), answer.whole) == (65_536, False)


async def test_a_packed_body_stays_packed(client: Client) -> None:
    bomb = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00"
    async with receiving(answering(bomb)) as receiver:
        assert (await client.post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})).body == b"\x1f\x8b\x08\x00"
