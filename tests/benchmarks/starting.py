"""`python -m tests.benchmarks.starting`: from the start of the process to its first answered mutation.

Beside it the time of importing strawberry, sqlmodel and starlette alone, in turn. Medians.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx2 as httpx
import typer

from tests.benchmarks import running
from tests.benchmarks.contenders.subject import MUTATION, input
from tests.benchmarks.running import Contender

# Until it listens, in seconds: whoever asks without a pause takes the processor that it needs.
PAUSE = 0.005


def imported() -> float:
    """Seconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import strawberry, sqlmodel, starlette.applications"], check=True)
    return time.perf_counter() - began


def answered(server: Contender, name: str, logs: Path) -> float:
    """Seconds."""
    body = {"query": MUTATION, "variables": {"input": input(name)}}
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.secret}"}, timeout=60) as client:
        began = time.perf_counter()
        with server.running(logs, ready=lambda: created(client, body)):
            return time.perf_counter() - began


def created(client: httpx.Client, body: object) -> bool:
    try:
        response = client.post("/graphql", json=body)
    except httpx.TransportError:
        time.sleep(PAUSE)
        return False
    outcome = response.json()["data"]["createCustomer"]["__typename"]
    if outcome != "CreateCustomerSuccess":
        raise RuntimeError(outcome)
    return True


def main(rounds: int = 7, engines: Annotated[str, typer.Option()] = "sqlite,postgresql") -> None:
    print(f"{'engine':<12}{'first answer s':>16}{'imports alone s':>17}{'ratio':>8}")
    for engine in engines.split(","):
        starts, imports = [], []
        with running.workspace() as folder, running.databases(engine, folder, "billfolk") as databases:
            url, secret = databases["billfolk"]
            for round in range(rounds):
                imports.append(imported())
                starts.append(answered(Contender("billfolk", url, secret), f"start-{round}", folder / "log"))
        print(f"{engine:<12}{median(starts):>16.3f}{median(imports):>17.3f}{median(starts) / median(imports):>8.2f}")


if __name__ == "__main__":
    typer.run(main)
