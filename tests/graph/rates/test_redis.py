"""Rates that several processes count together, in Redis; and apart, while it is away."""

import logging
import os
import socket
from asyncio import Server, StreamReader, StreamWriter, gather, open_connection, sleep, start_server
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from redis import Redis, RedisError

from tests.api import Api
from tests.graph.conftest import Tenant
from tests.graph.rates.test_rates import VIEWER, statuses
from tests.server import PATIENCE, free_port, run, serving

pytestmark = pytest.mark.anyio

# That the machine is loaded does not make Redis be away.
PATIENT = {"failures_per_address": "", "redis_timeout": PATIENCE}
ONE_BY_ONE = {"rate_per_key": "10/day", **PATIENT}


@pytest.fixture(scope="module")
def redis_url() -> str:
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
    try:
        with Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as redis:
            redis.ping()
    except RedisError:
        pytest.skip(f"no Redis answers at {url}, which TEST_REDIS_URL would set")
    return url


async def test_two_servers_share_what_is_left(tenant: Tenant, redis_url: str) -> None:
    first = await tenant(**ONE_BY_ONE, redis_url=redis_url)
    elsewhere = await tenant(**ONE_BY_ONE, redis_url=redis_url)
    second = Api(elsewhere.client, elsewhere.database, secret=first.secret)

    answered = await gather(*(api.post(VIEWER) for _ in range(10) for api in (first, second)))

    assert sorted(response.status_code for response in answered) == [200] * 10 + [429] * 10
    refused = await second.post(VIEWER)
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400


async def test_two_servers_share_high_rates_but_for_what_one_of_them_has_in_hand(
    tenant: Tenant, redis_url: str
) -> None:
    rates = {"rate_per_key": "1000/day", "rate_per_tenant": "", **PATIENT}
    first = await tenant(**rates, redis_url=redis_url)
    elsewhere = await tenant(**rates, redis_url=redis_url)
    second = Api(elsewhere.client, elsewhere.database, secret=first.secret)
    assert await statuses(first, 1) == [200]

    good = (await statuses(second, 1010)).count(200)

    # A two-hundredth of a thousand is counted at once.
    assert good == 995
    assert await statuses(first, 5) == [200, 200, 200, 200, 429]


async def test_a_redis_that_is_away_refuses_nobody_and_is_told_of_once(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    api = await tenant(**ONE_BY_ONE, redis_url=f"redis://:secret@127.0.0.1:{free_port()}")

    # The process counts for itself meanwhile.
    answered = await gather(*(api.post(VIEWER) for _ in range(20)))
    assert sorted(response.status_code for response in answered) == [200] * 10 + [429] * 10
    told = [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()]
    assert told == ["Redis can't be reached, so each process counts rates for itself: StorageError"]
    assert "secret" not in caplog.text


async def test_a_redis_that_says_nothing_is_waited_for_a_moment_only(tenant: Tenant) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        api = await tenant(rate_per_key="100/day", redis_url=url, redis_timeout=0.5)
        begun = monotonic()

        # Once it is given up nobody waits for it.
        assert await statuses(api, 50) == [200] * 50
        assert monotonic() - begun < 20


@asynccontextmanager
async def forwarding(port: int, url: str) -> AsyncIterator[Server]:
    """A way to Redis by another port."""
    to = urlsplit(url)

    async def pipe(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def forward(reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await open_connection(to.hostname, to.port)
        await gather(pipe(reader, back), pipe(there, writer))

    async with await start_server(forward, "127.0.0.1", port) as server:
        yield server


@pytest.mark.slow
async def test_a_redis_that_comes_back_is_asked_again(
    tenant: Tenant, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "billfolk")
    port = free_port()
    api = await tenant(**{**ONE_BY_ONE, "rate_per_key": "100000/day"}, redis_url=f"redis://127.0.0.1:{port}")
    assert await statuses(api, 1) == [200]

    async with forwarding(port, redis_url):
        deadline = monotonic() + 60
        while "Redis can be reached again" not in caplog.text:
            assert await statuses(await api.acting(), 1) == [200]
            assert monotonic() < deadline
            await sleep(0.1)
    assert caplog.text.count("Redis can't be reached") == 1


@pytest.mark.slow
def test_two_processes_share_what_is_left(own_database: str, tmp_path: Path, redis_url: str) -> None:
    settings = {
        "BILLFOLK_REDIS_URL": redis_url,
        "BILLFOLK_REDIS_TIMEOUT": str(PATIENCE),
        "BILLFOLK_RATE_PER_KEY": "20/day",
    }
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
    with (
        serving(own_database, tmp_path / "here", **settings) as here,
        serving(own_database, tmp_path / "there", **settings) as there,
    ):
        made = run(
            *("keys", "create", "--tenant", "default", "--environment", "sandbox"), BILLFOLK_DATABASE_URL=own_database
        )
        with httpx.Client(headers={"x-api-key": made.stdout.strip()}) as client:
            answered = [
                client.post(f"{server.url}/graphql", json={"query": VIEWER}).status_code
                for _ in range(15)
                for server in (here, there)
            ]

    assert answered == [200] * 20 + [429] * 10
