"""Imports that are killed, or whose database is: the same command goes on, no row twice and none missing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.identity import Actor, NewKey
from app.opening import opened
from app.transfer import Importer, Source
from app.transfer.progress import Run
from tests import postgres
from tests.app.transfer.conftest import ENVIRONMENT, TENANT, Command
from tests.app.transfer.resuming import check_equal, ended, importing, rows, stored_so_far, wait_for_more, written
from tests.postgres import Cluster
from tests.server import run


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server of the test's own, which it may kill, with an environment."""
    with postgres.cluster() as cluster:
        place = ("--tenant", TENANT, "--environment", ENVIRONMENT)
        assert run("keys", "create", *place, BILLFOLK_DATABASE_URL=cluster.url()).returncode == 0
        yield cluster


@pytest.mark.slow
def test_after_ten_kills_the_table_equals_the_file(own_database: str, command: Command, tmp_path: Path) -> None:
    sent = rows(60_000)
    file = written(tmp_path, sent)
    for _ in range(10):
        before = stored_so_far(own_database)
        with importing(own_database, file) as process:
            wait_for_more(own_database, than=before)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL

    assert command("import", str(file)).returncode == 0
    check_equal(own_database, sent)


@pytest.mark.slow
def test_an_import_that_is_interrupted_says_how_to_go_on(own_database: str, command: Command, tmp_path: Path) -> None:
    sent = rows(30_000)
    file = written(tmp_path, sent)
    with importing(own_database, file) as process:
        wait_for_more(own_database)
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "Interrupted. Run the same command again to go on.")
    assert 0 < stored_so_far(own_database) < 30_000

    assert command("import", str(file)).returncode == 0
    check_equal(own_database, sent)


@pytest.mark.slow
def test_a_database_that_comes_back_is_gone_on_with(own_cluster: Cluster, tmp_path: Path) -> None:
    sent = rows(30_000)
    with importing(own_cluster.url(), written(tmp_path, sent), BILLFOLK_DATABASE_RETRY_TIMEOUT="120") as process:
        wait_for_more(own_cluster.url())
        own_cluster.kill()
        own_cluster.start()
        assert ended(process) == (0, "30,000 created.")

    check_equal(own_cluster.url(), sent)


@pytest.mark.slow
def test_a_database_that_stays_away_is_told_with_the_line_to_go_on_from(own_cluster: Cluster, tmp_path: Path) -> None:
    sent = rows(30_000)
    file = written(tmp_path, sent)
    with importing(own_cluster.url(), file, BILLFOLK_DATABASE_RETRY_TIMEOUT="0.5") as process:
        wait_for_more(own_cluster.url())
        own_cluster.kill()
        code, told = ended(process)
    own_cluster.start()

    before = stored_so_far(own_cluster.url())
    assert code == 1
    assert told.startswith("billfolk: The database can't be reached. Line ")
    assert told.endswith(" and what follows is not stored yet: run the same command again to go on")
    assert 0 < before < 30_000
    assert run("import", str(file), BILLFOLK_DATABASE_URL=own_cluster.url()).returncode == 0
    check_equal(own_cluster.url(), sent)


@pytest.mark.slow
def test_a_file_that_changes_is_not_read_on_and_can_be_imported_when_it_is_whole(
    own_database: str, command: Command, tmp_path: Path
) -> None:
    sent = rows(30_000)
    file = written(tmp_path, sent[:-1])
    with importing(own_database, file) as process:
        wait_for_more(own_database)
        with file.open("a") as more:
            more.write('{"externalId": "half a')
        code, told = ended(process)
    assert code == 1
    assert "customers.jsonl was changed while it was read, somewhere before line " in told
    assert 0 < stored_so_far(own_database) < 30_000

    written(tmp_path, sent)
    assert command("import", str(file), "--on-conflict", "skip").returncode == 0
    check_equal(own_database, sent)


@pytest.mark.anyio
@pytest.mark.parametrize("arrived", [True, False])
async def test_a_commit_whose_answer_is_lost_is_made_once(own_postgres: str, tmp_path: Path, arrived: bool) -> None:
    sent = rows(900)
    actor = Actor(TENANT, ENVIRONMENT, "import", frozenset())
    async with postgres.proxy(own_postgres) as between, opened(between.url) as database:
        await database.write(NewKey(TENANT, ENVIRONMENT))
        with Source.opened(str(written(tmp_path, sent))) as source:
            importer = Importer(database, Run(actor, source.digest), source, lambda _: None)
            await importer.begin()
            cut = between.cut_next_commit() if arrived else between.cut_before_next_commit()
            counts = await importer.work()
        assert await cut == ("COMMIT" if arrived else "")

    assert (counts.created, counts.waiting) == (900, 0)
    assert stored_so_far(own_postgres) == 900
