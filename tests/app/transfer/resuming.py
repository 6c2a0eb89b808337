"""An import in a process of its own, that something happens to; and whether what it stored is what the file says."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests import postgres
from tests.app.transfer.conftest import lines
from tests.postgres.workspace import eventually
from tests.server import ROOT, environment, run

Row = Mapping[str, Any]

# Seconds, on a machine that does much else.
PATIENCE = 120.0


def rows(count: int) -> list[Row]:
    """Customers of whom one in three is below the last, for whom they all wait."""
    last = f"{count - 1:06}"
    return [
        {
            "externalId": f"{n:06}",
            "name": f"N{n}",
            "metadata": {"n": str(n)},
            **({"parentCustomerExternalId": last} if n % 3 == 0 and n < count - 1 else {}),
        }
        for n in range(count)
    ]


def written(folder: Path, sent: Sequence[Row]) -> Path:
    file = folder / "customers.jsonl"
    file.write_text(lines(sent))
    return file


@contextmanager
def importing(url: str, file: Path, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app", "import", str(file), *options],
        cwd=ROOT,
        env=environment({"BILLFOLK_DATABASE_URL": url, **settings}),
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and what was told last."""
    _, told = process.communicate(timeout=PATIENCE)
    return process.returncode, (told.splitlines() or [""])[-1]


def stored_so_far(url: str) -> int:
    """How many customers a second look at the database finds, while another process is at work."""
    count = "SELECT count(*) FROM customers"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return int(connection.execute(count).fetchone()[0])
    return int(postgres.execute(url, count))


def wait_for_more(url: str, than: int = 0) -> None:
    eventually(lambda: stored_so_far(url) > than, what="another batch is stored", within=PATIENCE)


def check_equal(url: str, sent: Sequence[Row]) -> None:
    """Each row is there, once, and as it was sent."""
    exported = run("export", "--format", "jsonl", BILLFOLK_DATABASE_URL=url)
    assert exported.returncode == 0, exported.stderr
    stored = list(map(json.loads, exported.stdout.splitlines()))
    names = {row["id"]: row["externalId"] for row in stored}
    found = [
        {
            **{name: row[name] for name in ("externalId", "name", "metadata")},
            **({"parentCustomerExternalId": names[row["parentCustomerId"]]} if "parentCustomerId" in row else {}),
        }
        for row in stored
    ]
    assert sorted(found, key=lambda row: str(row["externalId"])) == sent
    assert {row["version"] for row in stored} == {1}
