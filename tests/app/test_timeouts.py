"""Many timeouts by one timer end as each would by its own."""

import asyncio
from time import monotonic

import pytest

from app.timeouts import wait_until
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def test_what_ends_in_time_is_answered() -> None:
    async def soon() -> int:
        await asyncio.sleep(0)
        return 1

    assert await wait_until(monotonic() + PATIENCE, soon()) == 1


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (4, 3, 2, 1), (2, 4, 1, 3)])
async def test_each_ends_at_its_own_time_whichever_began_first(order: tuple[int, ...]) -> None:
    began, ended = monotonic(), []

    async def waiting(turn: int) -> None:
        end = began + turn / 20
        with pytest.raises(TimeoutError):
            await wait_until(end, never())
        ended.append((turn, monotonic() >= end))

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*map(waiting, order))

    assert ended == [(turn, True) for turn in (1, 2, 3, 4)]


async def test_one_that_is_over_before_it_begins_ends_at_its_first_wait() -> None:
    with pytest.raises(TimeoutError):
        await wait_until(monotonic() - 1, never())


async def test_who_is_cancelled_is_told_that_and_the_next_one_ends_all_the_same() -> None:
    cancelled = asyncio.ensure_future(wait_until(monotonic() + 0.05, never()))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(TimeoutError):
            await wait_until(monotonic() + 0.05, never())


async def test_of_one_within_another_the_first_to_end_is_told() -> None:
    async def inner() -> str:
        try:
            await wait_until(monotonic() + 0.01, never())
        except TimeoutError:
            return "inner"
        raise AssertionError

    assert await wait_until(monotonic() + PATIENCE, inner()) == "inner"


def test_each_event_loop_has_its_own() -> None:
    async def late() -> None:
        with pytest.raises(TimeoutError):
            await wait_until(monotonic() + 0.01, never())

    async def left_waiting() -> None:
        asyncio.ensure_future(wait_until(monotonic() + PATIENCE, never()))  # noqa: RUF006 - it ends with the loop
        await asyncio.sleep(0)

    for _ in range(2):
        asyncio.run(left_waiting())
        asyncio.run(asyncio.wait_for(late(), PATIENCE))
