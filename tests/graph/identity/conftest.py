"""An issuer, and applications that trust it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2 as httpx
import pytest

from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.graph.identity.issuer import AUDIENCE, NAME, Issuer, issuing

Tenant = Callable[..., Awaitable[Api]]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
async def tenant(database_url: str) -> AsyncIterator[Tenant]:
    """Makes a tenant, with a key for everything, of an application that has these settings."""
    async with AsyncExitStack() as open_until_the_end:

        async def made(**settings: Any) -> Api:
            app = create_app(Settings(database_url=database_url, **settings))
            await open_until_the_end.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=transport, base_url="http://billfolk.test")
            await open_until_the_end.enter_async_context(client)
            return await Api(client, app.state.database).acting(*Scope)

        yield made


@pytest.fixture
async def trusting(tenant: Tenant, issuer: Issuer) -> Tenant:
    """Makes a tenant of an application that trusts the issuer, and fetches its keys as often as need be."""

    async def made(**settings: Any) -> Api:
        usual = {"token_issuer": NAME, "token_audience": AUDIENCE, "token_keys": issuer.url, "token_keys_pause": 0}
        return await tenant(**{**usual, "failures_per_address": "", **settings})

    return made
