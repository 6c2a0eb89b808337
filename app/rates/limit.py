"""One rate, and what each of those who are held to it has left."""

from dataclasses import dataclass
from math import ceil
from time import monotonic, time
from typing import NamedTuple, TypeVar

from limits import parse

from app.errors import RefusalCode, Refused
from app.rates.counting import Counting

# Requests are counted by the two-hundredth of a rate in advance, and then used one by one: at 120,000 a minute nearly
# every one costs a look-up, and Redis is asked twice for 600 of them. Of rates below 400 each request is counted.
SHARE = 200
MOST_KEPT = 10_000

T = TypeVar("T")


class Policy(NamedTuple):
    """A rate by its name: so many requests in a window of so many seconds."""

    name: str
    quota: int
    window: int


@dataclass(slots=True)
class Standing:
    """What somebody has left of a rate. `in_hand` are counted already, and good until then (monotonic, in seconds)."""

    policy: Policy
    remaining: int
    in_hand: int
    until: float


class Exceeded(Refused):
    """A rate that is used up, for so many seconds at least."""

    def __init__(self, policy: Policy, whose: str, wait: float) -> None:
        self.policy = policy
        self.seconds = max(1, ceil(wait))
        again = f"Try again in {self.seconds} second{'s' if self.seconds > 1 else ''}."
        super().__init__(RefusalCode.RATE_LIMITED, f"Too many requests {whose}. {again}", retry_after=self.seconds)


class Limit:
    """A rate in the words of the package `limits`, such as `100/minute`; `whose` completes "Too many requests …"."""

    def __init__(self, name: str, rate: str, whose: str, counting: Counting) -> None:
        self._item = parse(rate)
        self.policy = Policy(name, self._item.amount, self._item.get_expiry())
        self._whose = whose
        self._counting = counting
        self._standings: dict[str, Standing] = {}
        self._refused: dict[str, float] = {}

    async def take(self, who: str) -> Standing:
        """Count one request, and say what is left. Raises Exceeded."""
        standing = self._standings.get(who)
        if standing is not None and standing.in_hand > 0 and monotonic() < standing.until:
            standing.in_hand -= 1
            standing.remaining -= 1
            return standing
        self._check(who)
        share = max(1, self.policy.quota // SHARE)
        if share > 1 and await self.count(who, share):
            in_hand = share - 1
        elif await self.count(who):
            in_hand = 0
        else:
            raise await self._exceeded(who)
        stats = await self._counting.ask(lambda limiter: limiter.get_window_stats(self._item, self.policy.name, who))
        standing = Standing(self.policy, stats.remaining + in_hand, in_hand, monotonic() + self.policy.window)
        if in_hand:
            _keep(self._standings, who, standing)
        return standing

    async def hold(self, who: str) -> None:
        """Raise Exceeded when nothing is left."""
        self._check(who)
        if not await self._counting.ask(lambda limiter: limiter.test(self._item, self.policy.name, who)):
            raise await self._exceeded(who)

    async def count(self, who: str, requests: int = 1) -> bool:
        """Count so many requests, unless that is too many."""
        return await self._counting.ask(lambda limiter: limiter.hit(self._item, self.policy.name, who, cost=requests))

    def _check(self, who: str) -> None:
        # Until the time that it was told, nobody is counted, and Redis is not asked.
        if (wait := self._refused.get(who, 0.0) - monotonic()) > 0:
            raise Exceeded(self.policy, self._whose, wait)

    async def _exceeded(self, who: str) -> Exceeded:
        stats = await self._counting.ask(lambda limiter: limiter.get_window_stats(self._item, self.policy.name, who))
        wait = stats.reset_time - time()
        _keep(self._refused, who, monotonic() + wait)
        return Exceeded(self.policy, self._whose, wait)


def _keep(kept: dict[str, T], who: str, value: T) -> None:
    kept.pop(who, None)
    kept[who] = value
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
