"""`import`, `export` and `demo` from outside: exit codes, kills, what a terminal and what a log are shown."""

import gzip
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.transfer import sample
from tests import postgres
from tests.app.transfer.conftest import Command, lines, table
from tests.postgres.workspace import eventually
from tests.server import ROOT, environment

# Each starts processes of its own.
pytestmark = pytest.mark.slow


def exported(command: Command) -> list[dict[str, object]]:
    return [json.loads(line) for line in command("export", "--format", "jsonl").stdout.splitlines()]


def test_the_exit_code_tells_all_some_or_none(command: Command, tmp_path: Path) -> None:
    file, rejects = tmp_path / "c.csv", tmp_path / "refused.csv"
    for rows, code, told in (((",A",), 1, "1 refused."), (("a,A", ",B"), 2, "1 created, 1 refused.")):
        file.write_text(table("externalId,name", *rows))
        ended = command("import", str(file), "--rejects", str(rejects))

        assert (ended.returncode, ended.stdout, ended.stderr.splitlines()[0]) == (code, "", told)
        assert rejects.exists()
        assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f]", ended.stderr) == []


def test_a_dry_run_finds_everything_and_stores_nothing(command: Command, tmp_path: Path) -> None:
    file, rejects = tmp_path / "c.csv", tmp_path / "refused.csv"
    file.write_text(table("externalId,parentCustomerExternalId", "a,b", "b,", "b,", "c,nobody"))
    for _ in range(2):
        ended = command("import", str(file), "--dry-run", "--rejects", str(rejects))

        assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, "2 would be created, 2 would be refused.")
        assert [row.split(",")[4] for row in rejects.read_text().splitlines()[1:]] == [
            "EXTERNAL_ID_TAKEN",
            "PARENT_NOT_FOUND",
        ]


def test_columns_can_be_mapped_and_left_out(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "c.csv.gz"
    file.write_bytes(gzip.compress(table("Kunde,Tarif,Notiz", "acme,pro,x").encode("utf-8-sig")))
    mapped = ("--map", "Kunde=externalId", "--map", "Tarif=metadata.plan", "--map", "Notiz=")
    ended = command("import", str(file), *mapped)

    assert (ended.returncode, ended.stderr) == (0, "1 created.\n")
    assert [(row["externalId"], row["metadata"]) for row in exported(command)] == [("acme", {"plan": "pro"})]


def test_an_export_can_be_filtered(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text(table("externalId,addressCountry,metadata.plan", "a,DE,pro", "b,FR,pro", "c,DE,free"))
    assert command("import", str(file)).returncode == 0

    chosen = command("export", "--filter", "addressCountry=de", "--filter", "metadata.plan=pro")
    assert [line.split(",")[0] for line in chosen.stdout.splitlines()] == ["externalId", "a"]
    assert command("export", "--filter", "colour=red").returncode == 1


def test_the_same_seed_makes_the_same_customers(command: Command) -> None:
    assert list(sample.customers(300, seed=7)) == list(sample.customers(300, seed=7))
    assert command("demo", "--customers", "300", "--seed", "7").returncode == 0

    rows = exported(command)
    assert len(rows) == 300
    assert len({row["addressCountry"] for row in rows}) > 10
    assert any("parentCustomerId" in row for row in rows)


def test_a_terminal_is_shown_a_bar(own_database: str, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text(lines([{"externalId": str(n)} for n in range(1200)]))
    inside, outside = pty.openpty()
    variables = environment({"BILLFOLK_DATABASE_URL": own_database, "TERM": "xterm-256color", "COLUMNS": "100"})
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app", "import", str(file)], cwd=ROOT, env=variables, stdout=outside, stderr=outside
    )
    os.close(outside)
    shown = b""
    try:
        while part := os.read(inside, 65536):
            shown += part
    except OSError:
        pass  # Linux says so when the other side is closed.
    os.close(inside)

    assert process.wait() == 0
    assert "━" in shown.decode()
    assert "1200/1200" in shown.decode()
    assert "rows/s" in shown.decode()


def stored_so_far(url: str) -> int:
    """How many customers a second look at the database finds, while another process is at work."""
    count = "SELECT count(*) FROM customers"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return int(connection.execute(count).fetchone()[0])
    return int(postgres.execute(url, count))


def killed_and_resumed(own_database: str, command: Command, file: Path, kills: int) -> None:
    """Kill an import as soon as it has stored more than the one before, so many times; then let one end."""
    call = [sys.executable, "-m", "app", "import", str(file)]
    variables = environment({"BILLFOLK_DATABASE_URL": own_database})
    assert command("export").returncode == 0  # The tables are there before anybody counts.
    for _ in range(kills):
        before = stored_so_far(own_database)
        with subprocess.Popen(call, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - as above
            eventually(
                lambda before=before: stored_so_far(own_database) > before,  # type: ignore[misc]
                what="another batch is stored",
                within=60,
            )
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    assert command("import", str(file)).returncode == 0


def check_resuming(own_database: str, command: Command, tmp_path: Path, rows: int, kills: int) -> None:
    file = tmp_path / "c.jsonl"
    sent = [{"externalId": f"{n:06}", "name": f"N{n}", "metadata": {"n": str(n)}} for n in range(rows)]
    for n in range(0, rows - 1, 3):
        sent[n]["parentCustomerExternalId"] = f"{rows - 1:06}"  # The last row, for which they all wait.
    file.write_text(lines(sent))
    killed_and_resumed(own_database, command, file, kills)

    stored = exported(command)
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


def test_after_ten_kills_the_table_equals_the_file(own_database: str, command: Command, tmp_path: Path) -> None:
    check_resuming(own_database, command, tmp_path, rows=60_000, kills=10)
