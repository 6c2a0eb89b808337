"""`python -m tests.benchmarks.connections`: createCustomer's throughput and latency against the number of callers."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import charts, measuring, running
from tests.benchmarks.contenders.subject import CREATE
from tests.benchmarks.measuring import Figures


def main(
    most: Annotated[int, typer.Option(help="Connections at the most: 1, 4, 16 … of them are tried.")] = 256,
    seconds: float = 5,
    rounds: int = 3,
    engines: str = "sqlite,postgresql",
    svg: Annotated[Path | None, typer.Option(help="A folder for pictures of it.")] = None,
) -> None:
    running.make_way()
    measuring.print_head()
    for engine in engines.split(","):
        found: dict[str, list[tuple[int, Figures]]] = {}
        with (
            running.workspace() as folder,
            running.databases(engine, folder, *measuring.CONTENDERS) as databases,
            measuring.served(databases, folder) as servers,
        ):
            begun = 0
            for connections in (4**power for power in range(10) if 4**power <= most):
                ways = measuring.ways(servers, replace(CREATE, name=f"{connections} connections"), begun)
                measuring.measure(ways, seconds, rounds, connections)
                measuring.print_rows(engine, ways)
                begun += rounds + 1
                for way in ways:
                    found.setdefault(way.server.name, []).append((connections, way.medians))
        if svg:
            for what, unit in (("rate", "createCustomer a second"), ("p50", "p50, ms"), ("p99", "p99, ms")):
                series = {name: [(n, getattr(f, what)) for n, f in points] for name, points in found.items()}
                charts.lines(svg / f"connections-{engine}-{what}.svg", engine, "connections", unit, series)


if __name__ == "__main__":
    typer.run(main)
