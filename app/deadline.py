"""Until when the work at hand may go on, whoever does it in its name."""

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from time import monotonic
from typing import Any, Concatenate, ParamSpec, TypeVar

from app.errors import RefusalCode, Refused
from app.timeouts import wait_until

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")

# Tasks take it with them from whoever makes them.
_end: ContextVar[float | None] = ContextVar("end", default=None)


class within:
    """What begins in here may go on for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = _end.set(monotonic() + self._seconds)

    def __exit__(self, *_: object) -> None:
        _end.reset(self._before)


def until() -> float | None:
    """The deadline, by `time.monotonic`, if there is one."""
    return _end.get()


def kept(
    door: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make a method give up at the deadline: what it waits for is cancelled, and the caller is told TIMEOUT."""

    @wraps(door)
    async def in_time(self: S, /, *arguments: P.args, **named: P.kwargs) -> T:
        end = _end.get()
        if end is None:
            return await door(self, *arguments, **named)
        try:
            return await wait_until(end, door(self, *arguments, **named))
        except TimeoutError as error:
            raise too_late() from error

    return in_time


def too_late() -> Refused:
    return Refused(RefusalCode.TIMEOUT, "The operation took too long. Try again; an idempotency key makes that safe.")
