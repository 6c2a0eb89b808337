"""How often a caller may ask."""

from importlib.util import find_spec

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.rates import Terms

REDIS = ("redis://", "rediss://", "unix://")


class RateSettings(BaseSettings):
    """Rate limits"""

    rate_per_key: str = Field(
        "120000/minute",
        description="Requests of one API key, or of one token's subject: a number, `/` and a unit of time, such as "
        "`100/10seconds`. Empty for any number.",
    )
    rate_per_tenant: str = Field("240000/minute", description="Requests of all of a tenant's callers together.")
    failures_per_address: str = Field(
        "100/minute",
        description="Unknown keys and tokens from one IPv4 address, or one /64 of IPv6. After these, only callers that "
        "are known already get in from there.",
    )
    redis_url: str | None = Field(
        None,
        description="Where all processes count together: `redis://…`, `rediss://…` or `unix://…`. Each counts for "
        "itself when unset, and while it can't be reached.",
    )

    redis_timeout: float = Field(
        0.25, gt=0, description="How long a request waits for Redis, in seconds, before its process counts alone."
    )

    @field_validator("rate_per_key", "rate_per_tenant", "failures_per_address")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        from limits import parse

        try:
            item = parse(value) if value else None
        except ValueError:
            raise ValueError("a number, / and a unit of time, such as 1000/minute") from None
        if item is not None and item.amount < 1:
            raise ValueError("at least 1")
        return value

    @field_validator("redis_url")
    @classmethod
    def _leads_to_redis(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(REDIS):
            raise ValueError(f"must begin with {', '.join(REDIS)}")
        if find_spec("redis") is None:
            raise ValueError("needs the extra redis: pip install -e '.[redis]'")
        return value

    def rate_terms(self) -> Terms:
        return Terms(
            self.rate_per_key, self.rate_per_tenant, self.failures_per_address, self.redis_url, self.redis_timeout
        )
