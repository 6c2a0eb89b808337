"""Values made up by chance: the same from the same seed. Some are wrong, as `weird` says how often."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from zlib import crc32

from graphql import GraphQLError, Undefined

from app.errors import RefusalCode, Refused

T = TypeVar("T")


class Chance(Random):
    """Decides about one object, or one call of a resolver."""

    def __init__(self, told: str, weird: float) -> None:
        super().__init__(crc32(told.encode()))
        self.told = told
        self.weird = weird

    def below(self, name: str) -> "Chance":
        """Whatever was decided before."""
        return Chance(f"{crc32(self.told.encode())}.{name}", self.weird)

    def next(self) -> "Chance":
        """One for the next object."""
        return self.below(str(self.getrandbits(32)))

    def likely(self, probability: float) -> bool:
        return self.random() < probability

    def fail(self) -> None:
        """Raise something, now and then."""
        if self.likely(2 * self.weird):
            raise self.choice(
                (
                    RuntimeError("SELECT secret FROM table"),
                    Refused(RefusalCode.FORBIDDEN, "This key may not.", scope="animals:read"),
                    GraphQLError("own", extensions={"code": "OWN"}),
                    GraphQLError("elsewhere", path=["else", 1]),
                    Scolded("scolded"),
                    Hissed("hissed"),
                    Growled("growled"),
                    Growled(""),
                )
            )


class Scolded(Exception):
    """A failure with a face."""


class Hissed(Scolded):
    """One that has the face of its base."""


class Growled(Exception):
    """One whose handler answers only when there is something to say."""


class Moody(str):
    """No plain text."""

    __slots__ = ()


def odd(chance: Chance) -> Any:
    """What doesn't belong there, most likely."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(chance.choice(("text", 1, None)))
    values: Sequence[Any] = (
        *(None, None, None, 1, 2.0, 2.5, float("nan"), 2**40, "", "text", "red", "7", Moody("moody"), True),
        *(object(), [], [None], ["text"], (1,), {1}, iter([1]), {"a": 1}, datetime(2026, 1, 1, tzinfo=UTC)),
        *(future, ValueError("returned"), Undefined, Undefined, str, len),
    )
    return chance.choice(values)


def perhaps(maker: Callable[[Chance], T], absent: float = 0.3) -> Callable[[Chance], T | None]:
    return lambda chance: None if chance.likely(absent) else maker(chance)


def many(maker: Callable[[Chance], T]) -> Callable[[Chance], list[T]]:
    def made(chance: Chance) -> Any:
        items = [sometimes_odd(maker)(chance) for _ in range(chance.randint(0, 3))]
        return tuple(items) if chance.likely(0.1) else items

    return made


def sometimes_odd(maker: Callable[[Chance], T]) -> Callable[[Chance], T]:
    return lambda chance: odd(chance) if chance.likely(chance.weird) else maker(chance)


def text(chance: Chance) -> str:
    return chance.choice(("", "Tom", "Ä" * 3, "\ud800"))


def integer(chance: Chance) -> int:
    return 2**31 if chance.likely(chance.weird) else chance.choice((0, 1, -1, 2**31 - 1, 7))


def real(chance: Chance) -> float:
    return chance.choice((0.0, -1.5, 1e300))


def flag(chance: Chance) -> bool:
    return chance.likely(0.5)


def moment(chance: Chance) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.choice((0, 1, 10**6, 123_456_789)))
