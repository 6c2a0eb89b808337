"""A pgbouncer in transaction mode between us and PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from asyncio import gather
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from tests import postgres
from tests.app.test_failover import served
from tests.postgres.workspace import eventually
from tests.server import free_port, run

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.fixture
def bouncer(empty_postgres: str) -> Iterator[str]:
    """The URL of the same database through the pooler, which has two server connections for everybody."""
    if PROGRAM is None:
        pytest.skip("no pgbouncer on PATH")
    server, port = urlsplit(empty_postgres), free_port()
    configuration = (
        f"[databases]\n* = host={server.hostname} port={server.port} user={server.username}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 2\n"
    )
    # Root's own temporary files can't be read by the account that it must run as.
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(configuration)
        process = stack.enter_context(
            subprocess.Popen([PROGRAM, "-q", file], stderr=subprocess.DEVNULL, cwd="/", **account)  # type: ignore[call-overload]  # noqa: S603
        )
        stack.callback(process.terminate)
        url = server._replace(netloc=f"{server.username}@127.0.0.1:{port}").geturl()
        eventually(lambda: answers(url), what="pgbouncer answers")
        yield url


def answers(url: str) -> bool:
    try:
        postgres.execute(url, "SELECT 1")
    except Exception:
        return False
    return True


async def test_many_clients_share_two_server_connections(bouncer: str, empty_postgres: str) -> None:
    settings = {"database_pgbouncer": True, "direct_database_url": empty_postgres}
    async with served(database_url=bouncer, **settings) as api:
        made = await gather(*(api.created(f"key-{n}", externalId=f"c{n}") for n in range(50)))
        again = await gather(*(api.create(f"key-{n}", externalId=f"c{n}") for n in range(50)))
        many = await api.mutate("createCustomers", inputs=[{"externalId": f"m{n}"} for n in range(20)])

        assert [o["customer"]["id"] for o in again] == [customer["id"] for customer in made]
        assert all(o["replayed"] for o in again)
        assert {row["result"]["__typename"] for row in many["results"]} == {"CreateCustomerSuccess"}
        assert (await api.client.get("/readyz")).status_code == httpx.codes.OK


def test_migrations_go_round_it(bouncer: str, empty_postgres: str) -> None:
    settings = {
        "BILLFOLK_DATABASE_URL": bouncer,
        "BILLFOLK_DATABASE_PGBOUNCER": "true",
        "BILLFOLK_DIRECT_DATABASE_URL": empty_postgres,
    }
    assert run("migrate", **settings).returncode == 0
    assert run("migrate", "--check", **settings).returncode == 0
