"""PostgreSQL for tests, on a machine that has none.

Fixtures are two lines each; a template is migrated once, and copied for each test that wants a database alone:

    @pytest.fixture(scope="session")
    def postgres() -> Iterator[str]:
        with server_url() as url:
            yield url

    @pytest.fixture
    def database(postgres: str, template: str) -> Iterator[str]:
        with fresh_database(postgres, template=template) as url:
            yield url
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import urlsplit

from tests.postgres.cluster import Cluster, cluster, execute
from tests.postgres.proxy import Proxy, proxy
from tests.postgres.standby import Pair, synchronous_pair
from tests.postgres.workspace import eventually

__all__ = [
    "Cluster",
    "Pair",
    "Proxy",
    "cluster",
    "eventually",
    "execute",
    "fresh_database",
    "proxy",
    "server_url",
    "synchronous_pair",
]


@contextmanager
def server_url() -> Iterator[str]:
    """The URL of a server whose account may create databases: TEST_POSTGRES_URL, else one started from the wheel."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    with cluster() as server:
        yield server.url()


@contextmanager
def fresh_database(server_url: str, template: str | None = None) -> Iterator[str]:
    """The URL of a database of its own, dropped at the end with whoever is still connected.

    `template` is the URL of a database on the same server to copy, to which nobody may be connected meanwhile.
    """
    name = f"test_{token_hex(8)}"
    source = urlsplit(template).path[1:] if template else "template0"
    execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')
