"""An application with settings of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx

from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api


@asynccontextmanager
async def served(database_url: str, **settings: Any) -> AsyncIterator[Api]:
    """A new tenant's access to it."""
    app = create_app(Settings(database_url=database_url, **settings))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client:
            yield await Api(client, app.state.database).acting()
