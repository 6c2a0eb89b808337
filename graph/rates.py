"""Rates as callers see them: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from app.rates.limit import Exceeded, Policy, Standing


def left(standings: Sequence[Standing]) -> Mapping[str, str]:
    """What a caller may do: `r` requests over the next `t` seconds at least, as some come back all the time."""
    if not standings:
        return {}
    return {
        "ratelimit-policy": _policies(tuple([one.policy for one in standings])),
        "ratelimit": ", ".join([f'"{one.policy.name}";r={one.remaining};t={one.policy.window}' for one in standings]),
    }


def exceeded(refusal: Exceeded) -> Mapping[str, str]:
    """The rate that is used up, and when to come again: Retry-After says so, too."""
    policy = refusal.policy
    return {"ratelimit-policy": _policy(policy), "ratelimit": f'"{policy.name}";r=0;t={refusal.seconds}'}


@lru_cache(maxsize=16)  # an operator has few
def _policies(policies: tuple[Policy, ...]) -> str:
    return ", ".join(map(_policy, policies))


def _policy(policy: Policy) -> str:
    return f'"{policy.name}";q={policy.quota};w={policy.window}'
