"""`python -m tests.benchmarks.creating [SECONDS ROUNDS CONNECTIONS]`: createCustomer, one a request.

Ours beside stock Strawberry and beside a POST without GraphQL that writes the same rows through the same boundary; in
turn, in one run.
"""

import sys

from tests.benchmarks import measuring, running
from tests.benchmarks.contenders.subject import CREATE


def main(seconds: int = 10, rounds: int = 3, connections: int = 64) -> None:
    running.make_way()
    measuring.print_head()
    for engine in ("sqlite", "postgresql"):
        with (
            running.workspace() as folder,
            running.databases(engine, folder, *measuring.CONTENDERS) as databases,
            measuring.served(databases, folder) as servers,
        ):
            ways = measuring.ways(servers, CREATE)
            measuring.measure(ways, seconds, rounds, connections)
            measuring.print_rows(engine, ways)
            for way in ways:
                stored, acknowledged = way.server.customers(), way.outcomes["created"]
                print(f"{engine:<12}{CREATE.name:<20}{way.server.name:<18}{stored:,} stored of {acknowledged:,}")
                if stored != acknowledged:
                    raise SystemExit("What is stored is not what was acknowledged.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
