"""Look-ups that hang, in the threads that are theirs."""

import asyncio
import socket
from collections.abc import AsyncIterator
from threading import Event
from typing import Any

import pytest

from app.outbound.errors import Unresolved
from app.outbound.names import THREADS, Names
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio


@pytest.fixture
async def names() -> AsyncIterator[Names]:
    names = Names()
    yield names
    names.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Names of `.slow` have no answer before this."""
    opened = Event()
    real = socket.getaddrinfo

    def look_up(host: bytes, *arguments: Any, **named: Any) -> Any:
        if host.endswith(b".slow"):
            assert opened.wait(PATIENCE)
            raise socket.gaierror
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return opened


async def test_one_name_takes_one_thread(names: Names, opened: Event) -> None:
    hung = [asyncio.create_task(names.resolve("hooks.slow")) for _ in range(2 * THREADS)]

    found = await asyncio.wait_for(names.resolve("localhost"), PATIENCE)

    assert all(address.is_loopback for address in found)
    assert not any(task.done() for task in hung)
    opened.set()
    ended = await asyncio.gather(*hung, return_exceptions=True)
    assert {type(error) for error in ended} == {Unresolved}


async def test_whoever_gives_up_takes_nothing_from_the_others(names: Names, opened: Event) -> None:
    patient = asyncio.create_task(names.resolve("hooks.slow"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(names.resolve("hooks.slow"), 0.01)

    opened.set()
    with pytest.raises(Unresolved):
        await patient


async def test_a_name_that_had_no_address_is_looked_up_again(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([socket.gaierror(), [(0, 0, 0, "", ("127.0.0.1", 0))]])

    def look_up(*_: Any, **__: Any) -> Any:
        if isinstance(answer := next(answers), OSError):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(Unresolved):
        await names.resolve("late.example")

    assert [str(address) for address in await names.resolve("late.example")] == ["127.0.0.1"]
