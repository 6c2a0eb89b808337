"""Fixtures: both engines, a server in this process, and a tenant for each test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from app.database import Database
from app.observing import Telemetry
from app.opening import opened
from app.settings import Settings
from graph.asgi import GRAPHQL, create_app
from tests import postgres
from tests.api import Api
from tests.server import PATIENCE

# Each starts a PostgreSQL of its own.
MOST_WORKERS = 4


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All tests are shared among the cores. Those that somebody names are soonest done, and debugged, right here."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_WORKERS)


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


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """A database that is migrated once, to be copied and not to be used."""
    with postgres.fresh_database(postgres_url) as url:
        asyncio.run(migrated(url))
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, as a file."""
    file = tmp_path_factory.mktemp("template") / "billfolk.db"
    asyncio.run(migrated(f"sqlite:///{file}"))
    return file


async def migrated(url: str) -> None:
    async with opened(url):
        pass


def copied(template: Path, folder: Path) -> str:
    return f"sqlite:///{shutil.copy(template, folder)}"


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
def own_postgres(postgres_url: str, postgres_template: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_url, postgres_template) as url:
        yield url


@pytest.fixture
def empty_database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, without a schema."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'billfolk.db'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def own_database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, with this version's schema."""
    if engine == "sqlite":
        return copied(request.getfixturevalue("sqlite_template"), tmp_path)
    return str(request.getfixturevalue("own_postgres"))


@pytest.fixture(scope="session")
def database_url(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One database for the whole run: tests are kept apart by their tenants."""
    if engine == "sqlite":
        yield copied(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("data"))
        return
    server, template = (request.getfixturevalue(f"postgres_{part}") for part in ("url", "template"))
    with postgres.fresh_database(server, template) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    # That the machine is loaded is no failure of the server's, and that tests fail to get in is none of their address.
    return Settings(
        database_url=database_url,
        database_pool_timeout=PATIENCE,
        database_statement_timeout=PATIENCE,
        failures_per_address="",
    )


@pytest.fixture(scope="session")
def telemetry(settings: Settings) -> Telemetry:
    return Telemetry(settings, main=GRAPHQL)


@pytest.fixture(scope="session")
async def app(settings: Settings, telemetry: Telemetry) -> AsyncIterator[Starlette]:
    """One server for the whole run, too: whoever wants other settings serves one of their own."""
    app = create_app(settings, telemetry)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def alone_in_the_log(telemetry: Telemetry) -> None:
    """What earlier tests' requests have the common server hold back is told before this one's, and not among it."""
    telemetry.log.close()


@pytest.fixture(scope="session")
def database(app: Starlette) -> Database:
    database: Database = app.state.database
    return database


@pytest.fixture(scope="session")
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
