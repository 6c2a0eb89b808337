"""API keys, which each process keeps for a few seconds."""

from asyncio import Event, gather
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.server import run, serving

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { id } }"


@asynccontextmanager
async def tenant(database_url: str, **settings: Any) -> AsyncIterator[Api]:
    """A tenant of an application that has these settings."""
    app = create_app(Settings(database_url=database_url, **settings))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        yield await Api(client, app.state.database).acting(*Scope)


@contextmanager
def reads_of_keys(database: Database) -> Iterator[list[str]]:
    """The statements that look for keys, as they are executed."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM api_keys" in statement:
            statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def unknown() -> str:
    return f"sk_{token_urlsafe(32)}"


async def status(api: Api, secret: str) -> int:
    response = await api.client.post("/graphql", json={"query": VIEWER}, headers={"x-api-key": secret})
    return response.status_code


async def test_a_key_is_read_once_for_all_who_send_it_at_the_same_time_and_after(api: Api) -> None:
    with reads_of_keys(api.database) as reads:
        together = await gather(*(status(api, api.secret) for _ in range(50)))
        after = [await status(api, api.secret) for _ in range(10)]

    assert {*together, *after} == {200}
    assert len(reads) == 1


async def test_a_key_that_is_unknown_is_read_once_too(api: Api) -> None:
    secret = unknown()
    with reads_of_keys(api.database) as reads:
        together = await gather(*(status(api, secret) for _ in range(20)))
        after = [await status(api, secret) for _ in range(10)]

    assert {*together, *after} == {401}
    assert len(reads) == 1


async def test_what_can_be_no_key_is_not_looked_for(api: Api) -> None:
    with reads_of_keys(api.database) as reads:
        refused = [await status(api, secret) for secret in ("x", "sk_", "sk_short", f"sk_{'*' * 43}", f"sk_{'a' * 44}")]

    assert set(refused) == {401}
    assert reads == []


async def test_a_flood_of_unknown_keys_costs_few_reads_and_pushes_out_none_that_is_good(database_url: str) -> None:
    async with tenant(database_url, failures_per_address="") as api:
        await api.execute(VIEWER)
        with reads_of_keys(api.database) as reads:
            for _ in range(4):
                assert set(await gather(*(status(api, unknown()) for _ in range(250)))) == {401}
            flood = len(reads)
            assert await status(api, api.secret) == 200

        assert flood < 100
        assert len(reads) == flood


async def test_without_keeping_every_request_reads_its_key(database_url: str) -> None:
    async with tenant(database_url, key_cache_seconds=0) as api:
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


async def test_a_key_that_is_revoked_is_good_for_no_request_that_comes_later(database_url: str) -> None:
    async with tenant(database_url, failures_per_address="") as admin:
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
            return late

        _, *late = await gather(revoke(), *(call() for _ in range(3)))

        assert late == [[401, 401, 401]] * 3


async def test_the_database_being_busy_is_not_the_keys_fault(database_url: str) -> None:
    async with tenant(database_url, database_pool_size=1, database_pool_timeout=0.1) as api:
        async with api.database.engine.connect():
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
