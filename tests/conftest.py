"""Fixtures: both engines, a server in this process, and a tenant for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from app.database import Database
from app.opening import opened
from app.settings import Settings
from graph.asgi import create_app
from tests import postgres
from tests.api import Api


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every test that touches data runs on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server_url() as url:
        yield url


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
def own_database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the test's own."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'billfolk.db'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture(scope="session")
def database_url(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One migrated database for the whole run: tests are kept apart by their tenants."""
    if engine == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('data') / 'billfolk.db'}"
        asyncio.run(migrated(url))
        yield url
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_url")) as url:
        asyncio.run(migrated(url))
        yield url


async def migrated(url: str) -> None:
    async with opened(url):
        pass


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[Starlette]:
    app = create_app(Settings(database_url=database_url))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def database(app: Starlette) -> Database:
    database: Database = app.state.database
    return database


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client:
        yield client


@pytest.fixture
async def api(client: httpx.AsyncClient, database: Database) -> Api:
    """A tenant of its own, with a key that reads and writes."""
    return await Api(client, database).acting()


@pytest.fixture
async def other(client: httpx.AsyncClient, database: Database) -> Api:
    """Another tenant."""
    return await Api(client, database).acting()
