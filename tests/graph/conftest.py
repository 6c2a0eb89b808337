"""Applications with settings of a test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx2 as httpx
import pytest

from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.server import PATIENCE

Tenant = Callable[..., Awaitable[Api]]


@pytest.fixture
async def tenant(database_url: str) -> AsyncIterator[Tenant]:
    """Makes a tenant, with a key for everything, of an application that has these settings."""
    async with AsyncExitStack() as open_until_the_end:

        async def made(**settings: Any) -> Api:
            usual = {"database_url": database_url, "database_pool_timeout": PATIENCE}
            app = create_app(Settings(**{**usual, **settings}))
            await open_until_the_end.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=transport, base_url="http://billfolk.test")
            await open_until_the_end.enter_async_context(client)
            return await Api(client, app.state.database).acting(*Scope)

        yield made
