"""`python -m app serve` in a process of its own: its first start, its crashes, its refusals."""

import asyncio
import shlex
import socket
import sqlite3
from pathlib import Path
from threading import Event

import httpx2 as httpx
import pytest

from tests.server import PATIENCE, Server, free_port, run, serving

# Each starts processes of its own.
pytestmark = pytest.mark.slow

CREATE = """mutation($id: String!) { createCustomer(input: {externalId: $id}) {
  __typename ... on CreateCustomerSuccess { customer { id } } } }"""


def test_the_first_start_prints_a_curl_command_that_creates_a_customer(empty_database: str, tmp_path: Path) -> None:
    with serving(empty_database, tmp_path) as server:
        [command] = [line for line in server.printed.splitlines() if line.startswith("curl ")]
        # What a shell would make of the line, sent without a shell: curl itself is not on every machine.
        _, url, *options = shlex.split(command)
        sent = {
            flag: [v for f, v in zip(options[::2], options[1::2], strict=True) if f == flag] for flag in ("-H", "-d")
        }
        headers = dict(header.split(": ", 1) for header in sent["-H"])
        answer = httpx.post(url, content=sent["-d"][0], headers=headers, timeout=PATIENCE).json()

        assert answer["data"]["createCustomer"]["__typename"] == "CreateCustomerSuccess"
        assert f"{server.url}/graphql" in server.printed
        viewer = httpx.post(
            url, json={"query": "{ viewer { tenantId environmentId } }"}, headers=headers, timeout=PATIENCE
        ).json()
        assert viewer == {"data": {"viewer": {"tenantId": "default", "environmentId": "sandbox"}}}


def test_later_starts_print_no_key_and_the_first_one_still_works(own_database: str, tmp_path: Path) -> None:
    with serving(own_database, tmp_path) as server:
        key = server.key
        assert server.stop() == 0
        server.logs.write_text("")

        server.start()

        assert "sk_" not in server.printed
        with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE) as client:
            assert create(server, client, "acme") == "CreateCustomerSuccess"


def test_no_acknowledged_customer_is_lost_when_the_process_is_killed(own_database: str, tmp_path: Path) -> None:
    with serving(own_database, tmp_path) as server:
        acknowledged: list[str] = []
        enough = Event()

        async def creating(worker: int) -> None:
            async with httpx.AsyncClient(headers={"authorization": f"Bearer {server.key}"}, timeout=PATIENCE) as client:
                for n in range(100_000):
                    name = f"{worker}-{n}"
                    try:
                        response = await client.post(
                            f"{server.url}/graphql", json={"query": CREATE, "variables": {"id": name}}
                        )
                    except httpx.TransportError:
                        return
                    assert response.json()["data"]["createCustomer"]["__typename"] == "CreateCustomerSuccess"
                    acknowledged.append(name)
                    if len(acknowledged) >= 200:
                        enough.set()

        async def killing() -> None:
            await asyncio.to_thread(enough.wait, PATIENCE)
            await asyncio.to_thread(server.kill)

        async def both() -> None:
            await asyncio.gather(killing(), *(creating(worker) for worker in range(16)))

        asyncio.run(both())
        server.start()

        assert len(acknowledged) >= 200
        with httpx.Client(headers={"authorization": f"Bearer {server.key}"}, timeout=PATIENCE) as client:
            assert {create(server, client, name) for name in acknowledged} == {"ExternalIdTaken"}


def create(server: Server, client: httpx.Client, external_id: str) -> str:
    response = client.post(f"{server.url}/graphql", json={"query": CREATE, "variables": {"id": external_id}})
    return str(response.json()["data"]["createCustomer"]["__typename"])


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port), BILLFOLK_DATABASE_URL=f"sqlite:///{tmp_path / 'x.db'}")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"billfolk: Can't listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nonexistent/folder/x.db",
        "sqlite:////proc/x.db",
        "oracle://x",
        "nonsense",
        "postgresql://127.0.0.1:1/x",
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(url: str) -> None:
    ended = run("serve", "--port", str(free_port()), BILLFOLK_DATABASE_URL=url)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("billfolk: ")
    assert ended.stderr.count("\n") == 1


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    with serving(f"sqlite:///{file}", tmp_path) as server:
        server.stop()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    ended = run("serve", "--port", str(free_port()), BILLFOLK_DATABASE_URL=f"sqlite:///{file}")

    assert ended.returncode == 1
    assert ended.stderr == "billfolk: The database was made by a newer version of Billfolk. Install that version.\n"


def test_every_wrong_setting_is_told() -> None:
    ended = run("serve", BILLFOLK_PORT="x", BILLFOLK_MAX_BODY_BYTES="1")

    assert ended.returncode == 1
    assert [line.split(":")[1].strip() for line in ended.stderr.splitlines()] == [
        "BILLFOLK_PORT",
        "BILLFOLK_MAX_BODY_BYTES",
    ]


def test_keys_are_made_listed_and_revoked(own_database: str) -> None:
    made = run("keys", "create", "--tenant", "acme", "--environment", "live", BILLFOLK_DATABASE_URL=own_database)
    secret = made.stdout.strip()
    key_id = made.stderr.partition(":")[0]
    listed = run("keys", "list", BILLFOLK_DATABASE_URL=own_database).stdout

    assert secret.startswith("sk_")
    assert secret not in made.stderr + listed
    assert key_id in listed
    assert run("keys", "revoke", key_id, BILLFOLK_DATABASE_URL=own_database).returncode == 0
    assert "revoked" in run("keys", "list", BILLFOLK_DATABASE_URL=own_database).stdout
    assert run("keys", "revoke", key_id, BILLFOLK_DATABASE_URL=own_database).returncode == 1
