"""What is kept of the database's answers, and what is not."""

from asyncio import CancelledError, Event, create_task, gather, sleep
from collections.abc import Mapping, Sequence

import pytest

from app.identity.lookups import Lookups

pytestmark = pytest.mark.anyio

LONG = 3600.0


class Reading:
    """Finds what begins with "good", waits at the gate, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.begun, self.gate = Event(), Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def __call__(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(keys)
        self.begun.set()
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return {key: key.upper() for key in keys if key.startswith("good")}


@pytest.fixture
def read() -> Reading:
    return Reading()


async def test_a_flood_of_what_is_missed_pushes_out_nothing_that_was_found(read: Reading) -> None:
    lookups = Lookups(read, LONG, most=100)
    assert await lookups.find("good") == "GOOD"

    assert set(await gather(*(lookups.find(f"bad-{n}") for n in range(1000)))) == {None}

    assert lookups.fresh("good") == "GOOD"
    assert len(read.asked) < 20
    await lookups.close()


async def test_what_was_found_is_bounded_and_the_oldest_goes(read: Reading) -> None:
    lookups = Lookups(read, LONG, most=100)
    await gather(*(lookups.find(f"good-{n}") for n in range(101)))

    assert (lookups.met("good-0"), lookups.met("good-1"), lookups.met("good-100")) == (False, True, True)
    await lookups.close()


async def test_questions_that_come_during_a_read_are_the_next_ones(read: Reading) -> None:
    lookups = Lookups(read, LONG)
    read.gate.clear()
    first = create_task(lookups.find("good-1"))
    await read.begun.wait()
    others = [create_task(lookups.find(f"good-{n}")) for n in (1, 2, 2, 3)]
    await sleep(0)
    read.gate.set()

    assert await gather(first, *others) == ["GOOD-1", "GOOD-1", "GOOD-2", "GOOD-2", "GOOD-3"]
    assert [sorted(set(keys)) for keys in read.asked] == [["good-1"], ["good-2", "good-3"]]
    await lookups.close()


async def test_what_is_forgotten_during_its_read_is_not_kept(read: Reading) -> None:
    lookups = Lookups(read, LONG)
    read.gate.clear()
    waiting = create_task(lookups.find("good"))
    await read.begun.wait()

    lookups.forget("good")
    later = create_task(lookups.find("good"))
    await sleep(0)
    read.gate.set()

    assert await waiting == await later == "GOOD"
    assert len(read.asked) == 2
    await lookups.close()


async def test_a_failure_is_theirs_who_wait_and_nobody_elses(read: Reading) -> None:
    lookups = Lookups(read, LONG)
    read.failure = OSError("gone")
    answers = await gather(*(lookups.find("good") for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError] * 3

    read.failure = None

    assert await lookups.find("good") == "GOOD"
    await lookups.close()


async def test_who_stops_waiting_stops_nobody_else(read: Reading) -> None:
    lookups = Lookups(read, LONG)
    read.gate.clear()
    first, second = create_task(lookups.find("good")), create_task(lookups.find("good"))
    await read.begun.wait()
    first.cancel()
    with pytest.raises(CancelledError):
        await first
    read.gate.set()

    assert await second == "GOOD"
    await lookups.close()


async def test_an_answer_is_as_old_as_its_read(read: Reading) -> None:
    lookups = Lookups(read, 0.05)
    read.gate.clear()
    first = create_task(lookups.find("good"))
    await sleep(0.1)
    # The read that runs began too long ago for this one.
    second = create_task(lookups.find("good"))
    await sleep(0)
    read.gate.set()

    assert await first == await second == "GOOD"
    assert len(read.asked) == 2
    await lookups.close()
