"""`python -m app backup`: the one file that it makes, and what it refuses."""

import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.server import ROOT, environment, run

# Each starts processes of its own.
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the backup goes: nothing else is there."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A database of SQLite that was served."""
    file = tmp_path / "billfolk.db"
    made = run("keys", "create", "--tenant", "acme", "--environment", "live", BILLFOLK_DATABASE_URL=f"sqlite:///{file}")
    assert made.returncode == 0
    return file


def backed_up(source: Path, *arguments: object) -> str:
    """What `backup` printed: one line, and nothing on standard output."""
    ended = run("backup", *map(str, arguments), BILLFOLK_DATABASE_URL=f"sqlite:///{source}")
    assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)
    assert ended.returncode == (1 if ended.stderr.startswith("billfolk: ") else 0)
    return ended.stderr.strip()


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_backup_is_one_file_that_only_its_owner_reads(source: Path, folder: Path) -> None:
    copy = folder / "copy.db"

    assert backed_up(source, copy) == f"{copy}: {copy.stat().st_size:,} bytes, checked"

    assert names_in(folder) == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("SELECT tenant_id FROM api_keys").fetchall() == [("acme",)]


def test_a_file_that_exists_is_replaced_only_with_force(source: Path, folder: Path) -> None:
    copy = folder / "copy.db"
    copy.write_text("precious")

    assert backed_up(source, copy) == f"billfolk: {copy} exists. To replace it: --force"
    assert copy.read_text() == "precious"
    assert "checked" in backed_up(source, copy, "--force")
    assert copy.read_bytes().startswith(b"SQLite format 3")
    assert names_in(folder) == ["copy.db"]


def test_a_database_in_use_is_never_replaced(source: Path, folder: Path) -> None:
    copy = folder / "copy.db"
    Path(f"{copy}-wal").write_bytes(b"")

    assert backed_up(source, copy, "--force").startswith(f"billfolk: {copy}-wal exists")
    assert backed_up(source, source, "--force") == f"billfolk: {source} is the database itself"


@pytest.mark.parametrize("trouble", ["missing", "not a database", "damaged", "no such folder"])
def test_what_keeps_it_from_being_made_is_told_in_one_line_and_leaves_nothing(
    source: Path, folder: Path, trouble: str
) -> None:
    copy = folder / "copy.db"
    match trouble:
        case "missing":
            source = source.with_name("nowhere.db")
        case "not a database":
            source.write_bytes(b"not a database" * 100)
        case "damaged":
            with closing(sqlite3.connect(source)) as connection:
                [page] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'api_keys'").fetchone()
            with source.open("r+b") as file:
                file.seek((page - 1) * 4096)
                file.write(b"\xff" * 4096)
        case "no such folder":
            copy = folder / "nowhere" / "copy.db"

    assert backed_up(source, copy).startswith("billfolk: ")
    assert names_in(folder) == []
    assert not source.with_name("nowhere.db").exists()


def test_a_copy_that_does_not_fit_leaves_nothing(source: Path, folder: Path) -> None:
    command = shlex.join([sys.executable, "-m", "app", "backup", str(folder / "copy.db")])
    ended = subprocess.run(  # noqa: S603 - our own program, held to files of 8 kB
        ["/bin/sh", "-c", f"ulimit -f 16; exec {command}"],
        env=environment({"BILLFOLK_DATABASE_URL": f"sqlite:///{source}"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith(f"billfolk: {source} can't be copied to {folder / 'copy.db'}: ")
    assert names_in(folder) == []


def test_postgresql_is_left_to_pg_dump(folder: Path) -> None:
    ended = run("backup", str(folder / "copy.db"), BILLFOLK_DATABASE_URL="postgresql://127.0.0.1:1/x")

    assert ended.returncode == 1
    assert ended.stderr.startswith("billfolk: backup copies a SQLite database. For PostgreSQL use pg_dump")
    assert ended.stderr.count("\n") == 1
