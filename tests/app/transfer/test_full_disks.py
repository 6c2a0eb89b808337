"""A disk that is full: told in a line, nothing half-written, and the same command goes on when there is room."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.app.transfer.conftest import ENVIRONMENT, TENANT
from tests.app.transfer.resuming import PATIENCE, check_equal, ended, importing, rows, stored_so_far, written
from tests.server import ROOT, environment, run

# Each starts processes of its own.
pytestmark = pytest.mark.slow

PLACE = ("--tenant", TENANT, "--environment", ENVIRONMENT)


class Disk:
    """A file system in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def size(self, megabytes: float, *options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={int(megabytes * 1024)}k"]), "tmpfs"]
        mounted = subprocess.run([*command, self.folder], capture_output=True, check=False)  # noqa: S603 - fixed
        if mounted.returncode:
            pytest.skip("only root may mount a file system of its own")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with unmounted(Disk(tmp_path / "disk")) as disk:
        yield disk


@contextmanager
def unmounted(disk: Disk) -> Iterator[Disk]:
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk.folder], capture_output=True, check=False)  # noqa: S603, S607 - fixed


def prepared(url: str) -> str:
    assert run("keys", "create", *PLACE, BILLFOLK_DATABASE_URL=url).returncode == 0
    return url


def test_a_full_disk_under_sqlite(disk: Disk, tmp_path: Path) -> None:
    disk.size(3)
    url = prepared(f"sqlite:///{disk.folder / 'billfolk.db'}")
    check_goes_on(url, tmp_path, "database or disk is full", lambda: disk.size(200, "remount"))


def test_a_file_under_sqlite_that_may_not_grow(tmp_path: Path) -> None:
    url = prepared(f"sqlite:///{tmp_path / 'billfolk.db'}")
    check_goes_on(url, tmp_path, "disk I/O error", lambda: None, largest=2_000_000)


def test_a_full_disk_under_postgresql(tmp_path: Path) -> None:
    with postgres.cluster() as cluster, unmounted(Disk(cluster.room.directory / "disk")) as disk:
        disk.size(20)
        if account := cluster.room.account:
            os.chown(disk.folder, account.pw_uid, account.pw_gid)
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{disk.folder}'")
        cluster.execute("CREATE DATABASE small TABLESPACE small")
        url = prepared(cluster.url("small"))
        check_goes_on(url, tmp_path, "No space left on device", lambda: disk.size(400, "remount"))


def check_goes_on(url: str, folder: Path, why: str, make_room: Callable[[], None], largest: int | None = None) -> None:
    sent = rows(12_000)
    file = written(folder, sent)
    with importing(url, file) as process:
        if largest:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, largest))
        code, told = ended(process)
    assert code == 1
    assert told.startswith("billfolk: The database can't be used: ")
    assert why in told
    assert told.endswith(" not stored yet: run the same command again to go on")
    assert stored_so_far(url) < 12_000

    make_room()
    assert run("import", str(file), BILLFOLK_DATABASE_URL=url).returncode == 0
    check_equal(url, sent)


def test_a_full_disk_under_the_rejects(disk: Disk, tmp_path: Path) -> None:
    disk.size(0.06)
    url = prepared(f"sqlite:///{tmp_path / 'billfolk.db'}")
    file, rejects = tmp_path / "c.csv", disk.folder / "rejects.csv"
    file.write_text("".join(["externalId,name\ngood,A\n", *(f",{n:0200}\n" for n in range(1000))]))
    told = f"{rejects} can't be written: No space left on device. The refused rows are kept: run the same command again"

    ended = run("import", str(file), "--rejects", str(rejects), BILLFOLK_DATABASE_URL=url)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert list(disk.folder.iterdir()) == []

    disk.size(10, "remount")
    ended = run("import", str(file), "--rejects", str(rejects), BILLFOLK_DATABASE_URL=url)
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, "1 created, 1,000 refused.")
    assert len(rejects.read_text().splitlines()) == 1001
    assert stored_so_far(url) == 1


def test_a_full_disk_under_what_comes_from_standard_input(disk: Disk, tmp_path: Path) -> None:
    disk.size(0.06)
    url = prepared(f"sqlite:///{tmp_path / 'billfolk.db'}")
    with written(tmp_path, rows(1000)).open() as file:
        ended = subprocess.run(
            [sys.executable, "-m", "app", "import", "-"],
            cwd=ROOT,
            env=environment({"BILLFOLK_DATABASE_URL": url, "TMPDIR": str(disk.folder)}),
            stdin=file,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    told = "billfolk: Standard input can't be kept for reading: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, told)


def test_a_full_disk_under_an_export_leaves_no_half_of_it(disk: Disk, tmp_path: Path) -> None:
    disk.size(0.06)
    url = prepared(f"sqlite:///{tmp_path / 'billfolk.db'}")
    assert run("import", str(written(tmp_path, rows(1000))), BILLFOLK_DATABASE_URL=url).returncode == 0

    output = disk.folder / "customers.csv"
    ended = run("export", "--output", str(output), BILLFOLK_DATABASE_URL=url)
    told = f"billfolk: {output} can't be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, told)
    assert list(disk.folder.iterdir()) == []
