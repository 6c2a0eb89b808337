"""`import`, `export` and `demo` from outside: what they take, what they tell, and their exit codes."""

import gzip
import json
import re
from pathlib import Path

import pytest

from app.transfer import sample
from tests.app.transfer.conftest import Command, table

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
