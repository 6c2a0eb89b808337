"""API keys, which each process keeps for a few seconds."""

from asyncio import Event, gather, sleep
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import event

from app import identity
from app.database import Database
from tests.api import Api
from tests.gates import reader_held
from tests.graph.conftest import Tenant
from tests.server import run, serving

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { id } }"


@contextmanager
def reads_of_keys(database: Database) -> Iterator[list[str]]:
    """The statements that look for keys, as they are executed."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM api_keys" in statement:
            statements.append(statement)

    event.listen(database.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.sync_engine, "before_cursor_execute", note)


def unknown() -> str:
    return f"sk_{token_urlsafe(32)}"


async def status(api: Api, secret: str) -> int:
    response = await api.client.post("/graphql", json={"query": VIEWER}, headers={"x-api-key": secret})
    return response.status_code


@pytest.mark.parametrize("is_good", [True, False])
async def test_a_key_is_read_once_in_seconds_however_many_send_it(api: Api, is_good: bool) -> None:
    secret, begun = api.secret if is_good else unknown(), monotonic()
    with reads_of_keys(api.database) as reads:
        together = await gather(*(status(api, secret) for _ in range(30)))
        after = [await status(api, secret) for _ in range(30)]

    assert {*together, *after} == {200 if is_good else 401}
    assert 1 <= len(reads) <= 1 + (monotonic() - begun) / 4


async def test_what_can_be_no_key_is_not_looked_for(api: Api) -> None:
    with reads_of_keys(api.database) as reads:
        refused = [await status(api, secret) for secret in ("x", "sk_", "sk_short", f"sk_{'*' * 43}", f"sk_{'a' * 44}")]

    assert set(refused) == {401}
    assert reads == []


async def test_a_flood_of_unknown_keys_costs_few_reads(api: Api) -> None:
    with reads_of_keys(api.database) as reads:
        assert set(await gather(*(status(api, unknown()) for _ in range(500)))) == {401}

    assert len(reads) < 50


async def test_without_keeping_every_request_reads_its_key(tenant: Tenant) -> None:
    api = await tenant(key_cache_seconds=0)
    me = (await api.execute(VIEWER))["viewer"]["id"]

    await api.database.write(identity.Revocation(me))

    assert await status(api, api.secret) == 401


async def test_a_key_that_was_kept_ends_exactly_in_time(api: Api) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    secret = await api.key(expires_at=end)
    assert await status(api, secret) == 200

    while True:
        before = datetime.now(UTC)
        answered = await status(api, secret)
        after = datetime.now(UTC)
        if answered == 401:
            break
        assert before < end
    assert after >= end


async def test_a_key_that_is_revoked_is_good_for_no_request_that_comes_later(tenant: Tenant) -> None:
    admin = await tenant(failures_per_address="")
    made = await admin.mutate("createApiKey")
    revoked = Event()

    async def revoke() -> None:
        await admin.mutate("revokeApiKey", id=made["apiKey"]["id"])
        revoked.set()

    async def call() -> list[int]:
        late: list[int] = []
        while len(late) < 3:
            is_late = revoked.is_set()
            answered = await status(admin, made["secret"])
            late += [answered] if is_late else []
            await sleep(0.001)  # SQLite's thread needs the interpreter, too
        return late

    _, *late = await gather(revoke(), *(call() for _ in range(3)))

    assert late == [[401, 401, 401]] * 3


async def test_the_database_being_busy_is_not_the_keys_fault(tenant: Tenant) -> None:
    api = await tenant(database_pool_size=1, database_pool_timeout=0.1)
    async with reader_held(api.database):
        for response in await gather(*(api.post(VIEWER) for _ in range(5))):
            assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "BUSY")
            assert response.headers["retry-after"]
            assert "www-authenticate" not in response.headers

    assert await status(api, api.secret) == 200


@pytest.mark.slow
def test_a_revoked_key_stops_in_every_process_within_five_seconds(own_database: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    with serving(own_database, tmp_path / "here") as here, serving(own_database, tmp_path / "there") as there:
        made = run(
            *("keys", "create", "--tenant", "default", "--environment", "sandbox", "--scopes", "admin"),
            BILLFOLK_DATABASE_URL=own_database,
        )
        with httpx.Client(headers={"x-api-key": made.stdout.strip()}) as client:

            def ask(url: str, query: str) -> httpx.Response:
                return client.post(f"{url}/graphql", json={"query": query})

            key_id = ask(here.url, VIEWER).json()["data"]["viewer"]["id"]
            # As late as can be: there, the key was read right before.
            assert ask(there.url, VIEWER).status_code == 200
            ask(here.url, f'mutation {{ revokeApiKey(id: "{key_id}") {{ __typename }} }}').raise_for_status()
            revoked = monotonic()

            assert ask(here.url, VIEWER).status_code == 401
            last_good = revoked
            while ask(there.url, VIEWER).status_code == 200:
                last_good = monotonic()
                assert last_good - revoked < 5
            assert ask(there.url, VIEWER).status_code == 401
