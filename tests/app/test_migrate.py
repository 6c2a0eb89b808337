"""`python -m app migrate`: this version's, and the next one's."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from shutil import copytree

import pytest

from app import migrations
from tests.server import PATIENCE, ROOT, environment, run

# Each starts processes of its own.
pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]

UP_TO_DATE = "The schema is up to date.\n"
OUTDATED = "billfolk: The database's schema is out of date. Run: python -m app migrate\n"
NEWER = "billfolk: The database was made by a newer version of Billfolk. Install that version.\n"

LATER = """
import sqlalchemy as sa
from alembic import op

from app.migrations import live

revision, down_revision = "{revision}", "{before}"


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    pass
"""
INDEX = 'live.create_index("ix_customers_timezone", "customers", ["tenant_id", "timezone"])'
# On SQLite, a copy of a table to which others refer.
COLUMN = """with op.batch_alter_table("environments") as table:
        table.alter_column("created_at", new_column_name="made_at")
        table.create_check_constraint("ck_environments_id", sa.text("id <> ''"))"""


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'billfolk.db'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def next_version(tmp_path: Path) -> Run:
    """A command of a version of Billfolk that has two more migrations."""
    home = tmp_path / "next"
    copytree(ROOT / "app", home / "app")
    before = migrations.revisions()[-1]
    for revision, upgrade in (("9001", INDEX), ("9002", COLUMN)):
        script = LATER.format(revision=revision, before=before, upgrade=upgrade)
        (home / "app/migrations/versions" / f"{revision}.py").write_text(script)
        before = revision

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "app", *arguments],
            env=environment(settings),
            cwd=home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def test_a_new_version_refuses_the_old_schema_until_it_is_migrated(url: str, next_version: Run) -> None:
    run("keys", "create", "--tenant", "acme", "--environment", "live", BILLFOLK_DATABASE_URL=url)

    refused = next_version("serve", "--port", "0", BILLFOLK_DATABASE_URL=url)
    checked = next_version("migrate", "--check", BILLFOLK_DATABASE_URL=url)
    migrated = next_version("migrate", BILLFOLK_DATABASE_URL=url)
    listed = next_version("keys", "list", BILLFOLK_DATABASE_URL=url)
    too_late = run("migrate", BILLFOLK_DATABASE_URL=url)

    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", OUTDATED)
    assert (checked.returncode, checked.stdout, checked.stderr) == (1, "", OUTDATED)
    assert (migrated.returncode, migrated.stdout, migrated.stderr) == (0, "", UP_TO_DATE)
    assert "acme/live" in listed.stdout
    assert (too_late.returncode, too_late.stdout, too_late.stderr) == (1, "", NEWER)


def test_only_pending_migrations_are_printed(url: str, engine: str, next_version: Run) -> None:
    first = run("migrate", BILLFOLK_DATABASE_URL=url)
    done = run("migrate", "--sql", BILLFOLK_DATABASE_URL=url)
    pending = next_version("migrate", "--sql", BILLFOLK_DATABASE_URL=url)

    assert (first.returncode, first.stdout, first.stderr) == (0, "", UP_TO_DATE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", UP_TO_DATE)
    if engine == "sqlite":
        # Alembic reads a table to copy it, and there is none to read.
        assert (pending.returncode, pending.stdout, pending.stderr.count("\n")) == (1, "", 1)
        return
    assert pending.returncode == 0
    assert "CREATE TABLE" not in pending.stdout
    assert "COMMIT;\n\nSET lock_timeout = 0;" in pending.stdout
    assert "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_customers_timezone" in pending.stdout
    assert "ALTER TABLE environments" in pending.stdout


@pytest.mark.parametrize("only", ["--check", "--sql"])
def test_a_file_that_does_not_exist_is_not_made_by_a_look(tmp_path: Path, only: str) -> None:
    ended = run("migrate", only, BILLFOLK_DATABASE_URL=f"sqlite:///{tmp_path / 'billfolk.db'}")

    assert ended.returncode == (only == "--check")
    assert ("CREATE TABLE customers" in ended.stdout) == (only == "--sql")
    assert ended.stderr == (OUTDATED if only == "--check" else "")
    assert list(tmp_path.iterdir()) == []


def test_a_look_leaves_an_existing_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "billfolk.db"
    with closing(sqlite3.connect(file)) as connection:  # not in WAL mode, as ours would be
        connection.execute("CREATE TABLE theirs (n)")
    before = file.read_bytes()

    run("migrate", "--check", BILLFOLK_DATABASE_URL=f"sqlite:///{file}")

    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == before


@pytest.mark.parametrize("arguments", [("--check", "--sql"), ("--nonsense",)])
def test_a_wrong_option_is_told(arguments: tuple[str, ...]) -> None:
    assert run("migrate", *arguments).returncode == 2


def test_two_at_once_both_succeed(url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(lambda _: run("migrate", BILLFOLK_DATABASE_URL=url), range(2)))

    assert [(end.returncode, end.stdout, end.stderr) for end in ended] == [(0, "", UP_TO_DATE)] * 2


@pytest.mark.parametrize(
    ("url", "only"),
    [
        ("sqlite:////proc/x.db", ()),
        ("postgresql://127.0.0.1:1/x", ()),
        ("postgresql://127.0.0.1:1/x", ("--sql",)),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(url: str, only: tuple[str, ...]) -> None:
    ended = run("migrate", *only, BILLFOLK_DATABASE_URL=url)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith("billfolk: The database can't be ")
