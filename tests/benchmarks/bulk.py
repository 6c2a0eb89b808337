"""`python -m tests.benchmarks.bulk`: createCustomers of many rows against as many single mutations, on one server."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx2 as httpx

from tests import postgres
from tests.server import Server, serving

ONE = "mutation($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }"
MANY = """mutation($inputs: [CreateCustomerInput!]!) { createCustomers(inputs: $inputs) {
  ... on CreateCustomersSuccess { results { result { __typename } } } } }"""


def row(name: str) -> dict[str, object]:
    return {
        "externalId": name,
        "name": f"Customer {name}",
        "email": f"{name}@customers.test",
        "addressCity": "Berlin",
        "addressCountry": "DE",
        "metadata": {"plan": "pro"},
    }


async def single(client: httpx.AsyncClient, url: str, rows: list[dict[str, object]], connections: int) -> float:
    """Seconds for a mutation a row."""
    waiting = iter(rows)

    async def creating() -> None:
        for input in waiting:
            answer = (await client.post(url, json={"query": ONE, "variables": {"input": input}})).json()
            assert answer["data"]["createCustomer"]["__typename"] == "CreateCustomerSuccess", answer

    began = time.perf_counter()
    await asyncio.gather(*(creating() for _ in range(connections)))
    return time.perf_counter() - began


async def bulk(client: httpx.AsyncClient, url: str, rows: list[dict[str, object]]) -> float:
    """Seconds for one mutation of all rows."""
    began = time.perf_counter()
    answer = (await client.post(url, json={"query": MANY, "variables": {"inputs": rows}})).json()
    took = time.perf_counter() - began
    results = answer["data"]["createCustomers"]["results"]
    assert {result["result"]["__typename"] for result in results} == {"CreateCustomerSuccess"}
    assert len(results) == len(rows)
    return took


async def measure(server: Server, rows: int, rounds: int, named: str = "") -> dict[str, float]:
    """The medians, in seconds, of rounds that alternate."""
    taken: dict[str, list[float]] = {"1 connection": [], "16 connections": [], "createCustomers": []}
    url = f"{server.url}/graphql"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {server.key}"}, timeout=120) as client:
        for n in range(rounds):
            taken["1 connection"].append(await single(client, url, [row(f"{named}a{n}-{i}") for i in range(rows)], 1))
            taken["16 connections"].append(
                await single(client, url, [row(f"{named}b{n}-{i}") for i in range(rows)], 16)
            )
            taken["createCustomers"].append(await bulk(client, url, [row(f"{named}c{n}-{i}") for i in range(rows)]))
    return {name: median(times) for name, times in taken.items()}


@contextmanager
def served(engine: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            with serving(f"sqlite:///{folder}/billfolk.db", Path(folder)) as server:
                yield server
        else:
            with postgres.cluster(fsync=True) as cluster, serving(cluster.url(), Path(folder)) as server:
                asyncio.run(measure(server, rows=200, rounds=1, named="warm"))
                # What autovacuum does within a minute: without statistics a foreign key's check reads the wrong index.
                cluster.execute("ANALYZE")
                yield server


def main(rows: int = 1000, rounds: int = 3) -> None:
    print(f"{'engine':<12}{'way':<18}{'seconds':>9}{'rows/s':>9}{'ratio':>8}")
    for engine in ("sqlite", "postgresql"):
        with served(engine) as server:
            medians = asyncio.run(measure(server, rows, rounds))
        for way, seconds in medians.items():
            ratio = seconds / medians["createCustomers"]
            print(f"{engine:<12}{way:<18}{seconds:>9.3f}{rows / seconds:>9.0f}{ratio:>8.1f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
