"""A database with one environment, and the commands that work on it."""

import csv
import io
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.database import Database
from app.identity import Actor, NewKey
from app.opening import opened
from app.transfer import Counts, Format, Importer, OnConflict, Source, export
from app.transfer.progress import Run
from tests.server import run

TENANT, ENVIRONMENT = "acme", "live"

Command = Callable[..., subprocess.CompletedProcess[str]]


@dataclass
class Place:
    """One environment, with imports and exports in this process."""

    database: Database
    actor: Actor
    folder: Path

    async def another(self, name: str) -> "Place":
        """Another environment, of a tenant of its own."""
        await self.database.write(NewKey(name, ENVIRONMENT))
        return Place(self.database, Actor(name, ENVIRONMENT, "import", frozenset()), self.folder)

    def file(self, text: str | bytes, name: str = "customers.csv") -> str:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    async def take(self, path: str, on_conflict: OnConflict = OnConflict.FAIL) -> Counts:
        with Source.opened(path) as source:
            importer = Importer(self.database, Run(self.actor, source.digest, on_conflict), source, lambda _: None)
            await importer.begin()
            counts = await importer.work()
            await importer.end(f"{path}.rejects")
        return counts

    async def exported(self, format: Format = Format.JSONL) -> str:
        parts: list[str] = []
        await export(self.database, self.actor, format, parts.append)
        return "".join(parts)

    async def customers(self) -> dict[str, Mapping[str, Any]]:
        """By external id."""
        return {row["externalId"]: row for row in json_lines(await self.exported())}

    def refused(self, path: str) -> str:
        return Path(f"{path}.rejects").read_text("utf-8")

    def rejects(self, path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(Path(f"{path}.rejects").read_text("utf-8"))))


@pytest.fixture
async def place(own_database: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(own_database) as database:
        await database.write(NewKey(TENANT, ENVIRONMENT))
        yield Place(database, Actor(TENANT, ENVIRONMENT, "import", frozenset()), tmp_path)


@pytest.fixture
def command(own_database: str) -> Command:
    """A command of the CLI, on a database that has an environment."""
    made = run("keys", "create", "--tenant", TENANT, "--environment", ENVIRONMENT, BILLFOLK_DATABASE_URL=own_database)
    assert made.returncode == 0, made.stderr

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(*arguments, BILLFOLK_DATABASE_URL=own_database)

    return command


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows, ""))


def json_lines(text: str) -> list[dict[str, Any]]:
    """The rows; texts in them may hold what `splitlines` would take for the end of one."""
    return [json.loads(line) for line in text.split("\n") if line]


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)
