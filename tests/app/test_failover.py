"""PostgreSQL dying, cut off or blocked, as clients see it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import func, select, text

from app.customers.tables import CUSTOMERS
from app.identity import Scope
from app.settings import Settings
from graph.asgi import create_app
from tests import postgres
from tests.api import CREATE, Api
from tests.server import PATIENCE, serving

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Api]:
    """A server of the test's own in this process, and a tenant."""
    app = create_app(Settings(**settings))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        yield await Api(client, app.state.database).acting()


async def stored(api: Api) -> int:
    count = select(func.count()).where(CUSTOMERS.c.tenant_id == api.tenant)
    return int(await api.database.read(lambda connection: connection.execute(count).scalar_one()))


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_connection_cut_right_after_commit_makes_no_duplicate_and_tells_the_truth(
    own_postgres: str, key: str | None
) -> None:
    async with postgres.proxy(own_postgres) as proxy, served(database_url=proxy.url) as api:
        link = [{"provider": "STRIPE", "id": "cus_1"}]

        for cut in (proxy.cut_next_commit, proxy.cut_before_next_commit):
            name = cut.__name__
            cutting = cut()
            outcome = await api.create(key and f"{key}-{name}", externalId=name, integrationEntityMapping=link)
            await cutting
            again = await api.create(key and f"{key}-{name}", externalId=name, integrationEntityMapping=link)
            link = []

            assert outcome["__typename"] == "CreateCustomerSuccess"
            assert not outcome["replayed"]
            assert again["__typename"] == ("CreateCustomerSuccess" if key else "ExternalIdTaken")
            assert (again.get("customer") or again["existing"])["id"] == outcome["customer"]["id"]
        assert await stored(api) == 2


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_new_keys_secret_is_not_lost_with_the_connection(own_postgres: str, key: str | None) -> None:
    async with postgres.proxy(own_postgres) as proxy, served(database_url=proxy.url) as api:
        admin = await api.acting(*Scope)

        cutting = proxy.cut_next_commit()
        made = await admin.mutate("createApiKey", idempotencyKey=key)
        await cutting

        assert not made["replayed"]
        assert len((await admin.execute("{ apiKeys { id } }"))["apiKeys"]) == 3
        new = Api(api.client, api.database, secret=made["secret"])
        assert (await new.execute("{ viewer { id } }"))["viewer"]["id"] == made["apiKey"]["id"]


@pytest.mark.slow
async def test_a_blocked_statement_hangs_nobody_and_the_pool_recovers(own_database: str) -> None:
    limits = {"database_pool_size": 10, "database_pool_timeout": 0.5, "database_statement_timeout": 1.0}
    async with served(database_url=own_database, **limits) as api:
        async with api.database.direct.connect() as blocker:
            await blocker.execution_options(billfolk_writes=True)
            if not api.database.is_sqlite:
                await blocker.execute(text("LOCK TABLE customers"))
            else:
                await blocker.execute(text("SELECT 1"))  # BEGIN IMMEDIATE
            began = time.monotonic()
            answers = await asyncio.gather(
                *(api.post(CREATE, {"input": {"externalId": f"c{n}"}}) for n in range(200)),
                *(api.post("{ viewer { id } }") for _ in range(10)),
            )
            waited = time.monotonic() - began

        told = Counter(error["extensions"]["code"] for answer in answers for error in answer.json().get("errors", ()))
        assert set(told) <= {"BUSY", "TIMEOUT"}
        assert told["BUSY"] >= 100
        assert waited < 30
        assert await api.created(externalId="afterwards")


@pytest.mark.slow
async def test_readyz_tells_of_the_database_and_healthz_of_the_process() -> None:
    with postgres.cluster() as cluster:
        async with served(database_url=cluster.url()) as api:
            ready = (await api.client.get("/readyz")).status_code
            cluster.kill()
            began = time.monotonic()
            gone = (await api.client.get("/readyz")).status_code
            took = time.monotonic() - began
            alive = (await api.client.get("/healthz")).status_code
            cluster.start()
            back = (await api.client.get("/readyz")).status_code

    assert (ready, gone, alive, back) == (200, 503, 200, 200)
    # Told within a second; the pool and the retries, which it must not wait for, take five and twenty.
    assert took < 4.0


async def test_a_restarted_server_is_met_with_a_new_connection(own_postgres: str) -> None:
    async with served(database_url=own_postgres) as api:
        await api.created(externalId="before")
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        async with api.database.direct.connect() as connection:
            await connection.execute(ended)

        assert (await api.find(externalId="before"))["externalId"] == "before"
        await api.created(externalId="after")


@pytest.mark.slow
async def test_no_acknowledged_create_is_lost_when_the_primary_dies_and_the_standby_takes_over(tmp_path: Path) -> None:
    with postgres.synchronous_pair() as pair, serving(pair.url(), tmp_path) as server:
        acknowledged: dict[str, str] = {}
        enough = asyncio.Event()
        stopped = asyncio.Event()

        async def creating(client: httpx.AsyncClient, worker: int) -> None:
            for n in range(100_000):
                if stopped.is_set():
                    return
                name = f"{worker}-{n}"
                acknowledged[name] = await surely_created(client, server.url, name)
                if len(acknowledged) % 100 == 0:
                    enough.set()

        async def failing_over() -> None:
            await enough.wait()
            await asyncio.to_thread(pair.primary.kill)
            await asyncio.to_thread(pair.promote)
            enough.clear()
            await enough.wait()  # creates go on, at the new primary
            stopped.set()

        async with httpx.AsyncClient(headers={"authorization": f"Bearer {server.key}"}, timeout=PATIENCE) as client:
            await asyncio.gather(failing_over(), *(creating(client, worker) for worker in range(8)))

            rows = pair.standby.execute("SELECT count(*) FROM customers")
            assert rows == len(acknowledged)
            for name, id in acknowledged.items():
                found = await client.post(
                    f"{server.url}/graphql", json={"query": f'{{ customer(by: {{externalId: "{name}"}}) {{ id }} }}'}
                )
                assert found.json()["data"]["customer"]["id"] == id


async def surely_created(client: httpx.AsyncClient, url: str, name: str) -> str:
    """Create as a careful client does: with an idempotency key, again until it is told what became of it."""
    while True:
        body = {"query": CREATE, "variables": {"input": {"externalId": name}, "idempotencyKey": name}}
        answer = (await client.post(f"{url}/graphql", json=body)).json()
        if "errors" not in answer:
            outcome = answer["data"]["createCustomer"]
            assert outcome["__typename"] == "CreateCustomerSuccess", outcome
            return str(outcome["customer"]["id"])
        assert {error["extensions"]["code"] for error in answer["errors"]} <= {"BUSY", "TIMEOUT"}, answer
