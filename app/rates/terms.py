"""What an operator says of rates. Apart, so that reading settings needs nothing of what keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """Rates in the words of the package `limits`, such as `100/minute`; empty for none.

    With a `redis_url` all processes count together, there, unless it takes longer than the timeout in seconds.
    """

    per_key: str
    per_tenant: str
    failures_per_address: str
    redis_url: str | None
    redis_timeout: float
