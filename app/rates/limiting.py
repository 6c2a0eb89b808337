"""Callers are held to their rates, and addresses to a number of failures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from app.identity import Actor
from app.rates.counting import Counting
from app.rates.limit import Limit, Policy, Standing
from app.rates.terms import Terms


class Rates:
    """The rates that an operator wants; of each there may be none."""

    def __init__(self, terms: Terms, counting: Counting) -> None:
        def limit(name: str, rate: str, whose: str) -> Limit | None:
            return Limit(name, rate, whose, counting) if rate else None

        self._key = limit("key", terms.per_key, "by this API key or token")
        self._tenant = limit("tenant", terms.per_tenant, "of this tenant")
        self._address = limit("address", terms.failures_per_address, "with unknown keys or tokens from this address")

    @property
    def policies(self) -> list[Policy]:
        """What callers are held to."""
        return [limit.policy for limit in (self._key, self._tenant) if limit]

    async def take(self, actor: Actor) -> list[Standing]:
        """Count one request, and say what the caller has left. Raises Exceeded."""
        left = []
        if self._key:
            left.append(await self._key.take(f"{actor.tenant_id}/{actor.environment_id}/{actor.id}"))
        if self._tenant:
            left.append(await self._tenant.take(actor.tenant_id))
        return left

    async def hold(self, address: str) -> None:
        """Raise Exceeded when too many have failed at the address."""
        if self._address:
            await self._address.hold(network_of(address))

    async def failed(self, address: str) -> None:
        """Count a failure at the address."""
        if self._address:
            await self._address.count(network_of(address))


@asynccontextmanager
async def limiting(terms: Terms) -> AsyncIterator[Rates]:
    counting = Counting(terms.redis_url, terms.redis_timeout)
    try:
        yield Rates(terms, counting)
    finally:
        await counting.close()


def network_of(address: str) -> str:
    """The address, or of IPv6 its /64: that is what one customer of a provider has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False).network_address)
    return address
