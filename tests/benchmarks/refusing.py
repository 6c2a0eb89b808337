"""`python -m tests.benchmarks.refusing`: the CPU that hostile requests cost, and the dearest that may pass.

All in one process, on SQLite: what the client takes is in it, about a millisecond.
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx
from graphql import get_introspection_query

from app.settings import Settings
from graph.asgi import create_app
from tests.api import CREATE, Api, mutation
from tests.graph.limits.attacks import ATTACKS, LEAVES, Attack

NORMAL = {
    "who the caller is": Attack("{viewer{id}}", None),
    "one customer": Attack('{customer(by:{externalId:"parent-0"}){id name}}', None),
    "a customer is made": Attack(CREATE, None, {"input": {"externalId": "normal"}}),
    "the whole schema": Attack(get_introspection_query(), None),
}


def dearest(parents: int, children: int) -> Mapping[str, Attack]:
    """What comes close to the limit of the cost, with all the data that it asks for."""
    page = f"customers(first:{parents} filter:{{hasParent:false}})"
    below = f"children(first:{children}){{nodes{{{LEAVES}}}}}"
    rows = [{"externalId": f"row-{n}", "name": f"Customer {n}"} for n in range(parents * 10)]
    return {
        f"{parents} customers with {children} children each": Attack(f"{{{page}{{nodes{{{LEAVES} {below}}}}}}}", None),
        f"{len(rows)} customers are made": Attack(mutation("createCustomers"), None, {"inputs": rows}),
    }


async def populate(api: Api, parents: int, children: int) -> None:
    query = "mutation($rows:[CreateCustomerInput!]!){createCustomers(inputs:$rows){__typename}}"
    await api.execute(query, {"rows": [{"externalId": f"parent-{n}"} for n in range(parents)]})
    rows = [
        {"externalId": f"child-{n}-{m}", "name": "A child", "parentCustomerExternalId": f"parent-{n}"}
        for n in range(parents)
        for m in range(children)
    ]
    for start in range(0, len(rows), 1000):
        await api.execute(query, {"rows": rows[start : start + 1000]})


async def measure(api: Api, attack: Attack, rounds: int) -> tuple[float, float, Any]:
    """Milliseconds of CPU for a text that was never sent before, and for one that was; and the last answer."""
    headers = {
        "authorization": f"Bearer {api.secret}",
        "accept": "application/graphql-response+json",
        "content-type": "application/json",
        "x-billfolk-cost": "1",
    }
    first: list[float] = []
    again: list[float] = []
    for number in range(rounds):
        body = json.dumps({"query": attack.unlike(number), "variables": attack.variables})
        for taken in (first, again):
            before = time.process_time()
            response = await api.client.post("/graphql", content=body, headers=headers)
            taken.append(1000 * (time.process_time() - before))
    return min(first), min(again), response.json()


def told(answer: Any) -> str:
    for error in answer.get("errors", ()):
        return str(error["extensions"].get("limit", error["extensions"]["code"]))
    return f"costs {answer['extensions']['cost']['requested']}"


async def run(folder: str, rounds: int, parents: int, children: int) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{folder}/billfolk.db"))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://billfolk.test", timeout=60) as client:
            api = await Api(client, app.state.database).acting()
            await populate(api, parents, children)
            # As a server's process has it, which does not walk through all of graphql-core's objects each time.
            gc.collect()
            gc.freeze()
            print(f"{'':<44}{'answer':<28}{'ms':>8}{'again':>8}")
            for name, attack in {**NORMAL, **ATTACKS, **dearest(parents, children)}.items():
                once, again, answer = await measure(api, attack, rounds)
                print(f"{name:<44}{told(answer):<28}{once:>8.1f}{again:>8.1f}")


def main(rounds: int = 5, parents: int = 100, children: int = 30) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder, rounds, parents, children))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
