"""Counters in memory come to an end."""

from asyncio import sleep
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from limits import parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.rates.counting import Memory

pytestmark = pytest.mark.anyio


@pytest.fixture
async def memory() -> AsyncIterator[Memory]:
    memory = Memory(most=200, every=0.01)
    yield memory
    await memory.close()


async def until_there_are(number: int, memory: Memory) -> None:
    deadline = monotonic() + 30
    while len(memory.storage) > number:
        assert monotonic() < deadline
        await sleep(0.01)


async def test_counters_go_when_their_windows_are_over(memory: Memory) -> None:
    limiter = SlidingWindowCounterRateLimiter(memory)
    for caller in range(100):
        assert await limiter.hit(parse("1/second"), str(caller))
    assert len(memory.storage) == 100

    await until_there_are(0, memory)

    assert (memory.expirations, memory.locks) == ({}, {})


async def test_there_are_only_so_many_and_the_oldest_go(memory: Memory) -> None:
    limiter, daily = SlidingWindowCounterRateLimiter(memory), parse("1/day")
    for caller in range(1000):
        assert await limiter.hit(daily, str(caller))

    await until_there_are(200, memory)

    assert not await limiter.hit(daily, "999")
    assert await limiter.hit(daily, "0")
