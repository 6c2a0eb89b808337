"""`python -m tests.benchmarks.profiling`: where the server's time goes under load, by function, the costliest first."""

import asyncio
from typing import Annotated

import typer

from tests.benchmarks import load, running
from tests.benchmarks.contenders.subject import CREATE
from tests.benchmarks.running import OURS, Contender

RATE = "0.0005"  # seconds between two looks


def main(
    engine: str = "sqlite",
    seconds: float = 10,
    connections: int = 64,
    tree: Annotated[bool, typer.Option("--tree", help="Who calls whom, instead of a flat list.")] = False,
    top: Annotated[int, typer.Option(help="How many functions are listed.")] = 40,
) -> None:
    running.make_way()
    shape = ["-p", "time=percent_of_total"] if tree else ["-p", "flat=true", "-p", "time=percent_of_total"]
    with running.workspace() as folder, running.databases(engine, folder, "billfolk") as databases:
        report = folder / "profile.txt"
        command = ("-m", "pyinstrument", "-i", RATE, "-r", "text", *shape, "--show-all", "-o", str(report), *OURS)
        server = Contender("billfolk", *databases["billfolk"], command)
        with server.running(folder / "log"):
            requests = CREATE.by_graphql(server.url, server.secret, 0)
            taken = asyncio.run(load.load(server.url, requests, connections, seconds, CREATE.judge))
        lines = report.read_text().splitlines()
        print("\n".join(lines if tree else lines[: top + 12]))
        print(f"{taken.rate:,.0f} requests a second, {dict(taken.outcomes)}")


if __name__ == "__main__":
    typer.run(main)
