"""`python -m tests.benchmarks.enduring`: a million creates by one server.

Its throughput and its memory as rows pile up. Memory is what the server process holds.
"""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import charts, load, measuring, running
from tests.benchmarks.contenders.subject import CREATE
from tests.benchmarks.running import Contender

FOREVER = 86_400.0
STEPS = (10_000, 50_000, 100_000, 250_000, 500_000, 750_000, 1_000_000)


def main(
    rows: Annotated[int, typer.Option(help="How many customers, a million or fewer.")] = 1_000_000,
    sample: Annotated[int, typer.Option(help="Creates that each throughput is measured over.")] = 20_000,
    connections: int = 64,
    engines: str = "sqlite,postgresql",
    svg: Annotated[Path | None, typer.Option(help="A folder for a picture of it.")] = None,
) -> None:
    running.make_way()
    print(f"{'engine':<12}{'rows':>12}{'req/s':>10}{'of the first':>14}{'p99 ms':>10}{'CPU µs':>10}{'RSS MB':>10}")
    for engine in engines.split(","):
        rates: list[tuple[float, float]] = []
        with running.workspace() as folder, running.databases(engine, folder, "billfolk") as databases:
            with measuring.served(databases, folder) as [server]:
                stored = asyncio.run(grow(engine, server, rows, sample, connections, rates))
            if server.customers() != stored:
                raise SystemExit("What is stored is not what was acknowledged.")
        if svg:
            series = {"createCustomer a second": rates}
            charts.lines(svg / f"enduring-{engine}.svg", engine, "rows stored", "requests a second", series)


async def grow(
    engine: str, server: Contender, rows: int, sample: int, connections: int, rates: list[tuple[float, float]]
) -> int:
    """Fill up to each step, measuring over the last creates before it. Answers how many there are."""
    requests = CREATE.by_graphql(server.url, server.secret, 0)

    async def create(count: int) -> load.Taken:
        some = (request for request, _ in zip(requests, range(count), strict=False))
        taken = await load.load(server.url, some, connections, FOREVER, CREATE.judge)
        if set(taken.outcomes) != {"created"}:
            raise RuntimeError(str(taken.outcomes))
        return taken

    steps = [0, *(step for step in STEPS if step < rows), rows]
    for before, step in pairwise(steps):
        measured = min(sample, (step - before) // 2)
        await create(step - before - measured)
        running.analyze(server.database_url)
        used = server.cpu()
        taken = await create(measured)
        cpu = 1e6 * (server.cpu() - used) / measured
        rates.append((step, taken.rate))
        print(
            f"{engine:<12}{step:>12,}{taken.rate:>10,.0f}{taken.rate / rates[0][1]:>14.3f}"
            f"{taken.percentile(0.99):>10.1f}{cpu:>10.0f}{server.memory() / 1e6:>10.1f}",
            flush=True,
        )
    return rows


if __name__ == "__main__":
    typer.run(main)
