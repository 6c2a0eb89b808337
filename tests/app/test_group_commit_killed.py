"""A server that is killed while commits are shared."""

import asyncio
from asyncio import gather
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.opening import connected
from tests.api import CREATE
from tests.app.test_group_commit import stored
from tests.server import Server, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CALLERS = 64


async def create(client: httpx.AsyncClient, server: Server, name: str) -> Any:
    link = {"provider": "STRIPE", "id": name}
    variables = {"input": {"externalId": name, "integrationEntityMapping": [link]}, "idempotencyKey": name}
    answer = await client.post(f"{server.url}/graphql", json={"query": CREATE, "variables": variables})
    return answer.json()["data"]["createCustomer"]


async def test_a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_half(
    own_database: str, tmp_path: Path
) -> None:
    with serving(own_database, tmp_path) as server:
        acknowledged: dict[str, str] = {}
        sent: set[str] = set()
        enough = asyncio.Event()

        async def creating(client: httpx.AsyncClient, caller: int) -> None:
            for n in range(100_000):
                name = f"{caller}-{n}"
                sent.add(name)
                try:
                    outcome = await create(client, server, name)
                except httpx.TransportError:
                    return
                acknowledged[name] = outcome["customer"]["id"]
                if len(acknowledged) >= 5 * CALLERS:
                    enough.set()

        async def killing() -> None:
            await enough.wait()
            await asyncio.to_thread(server.kill)

        headers = {"authorization": f"Bearer {server.key}"}
        async with httpx.AsyncClient(headers=headers, timeout=60) as client:
            await gather(killing(), *(creating(client, caller) for caller in range(CALLERS)))
            await asyncio.to_thread(server.start)
            async with connected(own_database) as database:
                survived = await stored(database)
            assert acknowledged.keys() <= survived <= sent

            # Whoever was told nothing asks again, and so does everybody else.
            names = sorted(sent)
            for name, outcome in zip(
                names, await gather(*(create(client, server, name) for name in names)), strict=True
            ):
                assert outcome["replayed"] == (name in survived)
                assert acknowledged.get(name) in (None, outcome["customer"]["id"])
        async with connected(own_database) as database:
            assert await stored(database) == sent
