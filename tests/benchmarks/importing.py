"""`python -m tests.benchmarks.importing ROWS`: `import` against a bare load of the very rows that it stored.

Bare is COPY on PostgreSQL, and on SQLite `executemany` with 5,000 rows a transaction: into the same tables, with all
their indexes and checks, of rows that need no validation any more. Memory is that of the process and of all that it
started. Seconds wander with what else the machine does; CPU seconds, of the command alone, do so less.
"""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]

from app.transfer import sample
from tests import postgres
from tests.server import ROOT, environment, run

TABLES = ("customers", "integration_mappings", "events")
AT_ONCE, FIRST = 5000, 1000


def imported(url: str, file: Path) -> tuple[float, float, float]:
    """Seconds from the command to its end, those of its CPU time, and MB of memory at the most."""
    began, peak, spent = time.perf_counter(), 0, 0.0
    command = [sys.executable, "-m", "app", "import", str(file)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environment({"BILLFOLK_DATABASE_URL": url}), stderr=subprocess.PIPE, text=True
    )
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            together = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(one.memory_info().rss for one in together))
            spent = sum(one.cpu_times().user + one.cpu_times().system for one in together)
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.05)
    took = time.perf_counter() - began
    assert process.stderr
    told = process.stderr.read()
    assert process.wait() == 0, told
    return took, spent, peak / 1e6


def bare_sqlite(source: Path, target: Path) -> dict[str, float]:
    """Seconds for each table."""
    taken: dict[str, float] = {}
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target, isolation_level=None)) as writer:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            writer.execute(f"PRAGMA {pragma}")
        for table in TABLES:
            rows = reader.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - names of our own
            insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows.description))})"  # noqa: S608 - as above
            taken[table] = 0.0
            while batch := rows.fetchmany(AT_ONCE):
                began = time.perf_counter()
                writer.execute("BEGIN IMMEDIATE")
                writer.executemany(insert, batch)
                writer.execute("COMMIT")
                taken[table] += time.perf_counter() - began
    return taken


async def bare_postgresql(source: str, target: str, folder: Path) -> dict[str, float]:
    """Seconds for each table. A few rows go first: without statistics, foreign keys are checked by the wrong index."""
    taken: dict[str, float] = {}
    reader, writer = await asyncpg.connect(source), await asyncpg.connect(target)
    for table in TABLES:
        for part in (f"LIMIT {FIRST}", f"OFFSET {FIRST}"):
            copy = folder / table
            await reader.copy_from_query(f"SELECT * FROM {table} ORDER BY ctid {part}", output=copy)  # noqa: S608 - as above
            began = time.perf_counter()
            await writer.copy_to_table(table, source=copy)
            await writer.execute(f"ANALYZE {table}")
            taken[table] = taken.get(table, 0.0) + time.perf_counter() - began
            copy.unlink()
    await reader.close()
    await writer.close()
    return taken


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two that are empty, but for an environment."""
    with ExitStack() as stack:
        if engine == "sqlite":
            urls = (f"sqlite:///{folder / 'import.db'}", f"sqlite:///{folder / 'bare.db'}")
        else:
            server = stack.enter_context(postgres.cluster(fsync=True)).url()
            urls = (stack.enter_context(postgres.fresh_database(server)), "")
            urls = (urls[0], stack.enter_context(postgres.fresh_database(server)))
        for url in urls:
            made = run("keys", "create", "--tenant", "acme", "--environment", "live", BILLFOLK_DATABASE_URL=url)
            assert made.returncode == 0, made.stderr
        yield urls


COLUMNS = ("engine", "rows", "import s", "CPU s", "rows/s", "bare s", "ratio", "peak MB")


def main(rows: int = 1_000_000, *engines: str) -> None:
    print(f"{COLUMNS[0]:<12}", *(f"{name:>9}" for name in COLUMNS[1:]), " bare", sep="")
    for engine in engines or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as name, databases(engine, Path(name)) as (url, other):
            folder = Path(name)
            file = folder / "customers.jsonl"
            with file.open("wb") as opened:
                opened.writelines(sample.lines(rows, seed=1))
            took, spent, peak = imported(url, file)
            file.unlink()
            if engine == "sqlite":
                bare = bare_sqlite(folder / "import.db", folder / "bare.db")
            else:
                bare = asyncio.run(bare_postgresql(url, other, folder))
        total = sum(bare.values())
        each = ", ".join(f"{table} {seconds:.1f}" for table, seconds in bare.items())
        print(
            f"{engine:<12}{rows:>9,}{took:>9.1f}{spent:>9.1f}{rows / took:>9,.0f}"
            f"{total:>9.1f}{took / total:>9.2f}{peak:>9.0f}  {each}",
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(argument) if argument.isdecimal() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
