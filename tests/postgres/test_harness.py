"""The harness itself: a failing test elsewhere should mean a failing product."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.postgres import cluster, eventually, execute, fresh_database, server_url, synchronous_pair
from tests.postgres.cluster import gone

TIMEOUT = 30
LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)


def count(url: str) -> int:
    return int(execute(url, "SELECT count(*) FROM kept"))


def test_a_fresh_database_copies_its_template_and_leaves_nothing(postgres_url: str, database: str) -> None:
    execute(database, "INSERT INTO kept VALUES (1)")
    with fresh_database(postgres_url, template=database) as copy:
        execute(copy, "INSERT INTO kept VALUES (2)")
        assert count(copy) == 2
    assert count(database) == 1
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        count(copy)


def test_a_given_server_is_used_instead_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://elsewhere/db")
    with server_url() as url:
        assert url == "postgresql://elsewhere/db"


@pytest.mark.slow
def test_a_killed_server_keeps_its_port_and_what_it_committed() -> None:
    with cluster(fsync=True) as c:
        assert c.execute("SHOW fsync") == "on"
        c.execute("CREATE TABLE kept (n int)")
        for end in (c.kill, c.stop, c.abort):
            c.execute("INSERT INTO kept VALUES (1)")
            end()
            with pytest.raises(OSError, match=r"refused|Connect call failed"):
                c.execute("SELECT 1")
            c.start()
        assert c.execute("SELECT count(*) FROM kept") == 3
    assert not c.room.directory.exists()


@pytest.mark.slow
def test_a_server_that_cannot_start_shows_its_log() -> None:
    with cluster() as c:
        c.stop()
        with (c.data / "postgresql.conf").open("a") as file:
            file.write("no_such_setting = 1\n")
        with pytest.raises(RuntimeError, match="no_such_setting"):
            c.start()


@pytest.mark.slow
def test_a_server_does_not_outlive_a_killed_test_process() -> None:
    script = (
        "import sys\nfrom tests.postgres import cluster\n"
        "with cluster() as c:\n    print(c.room.directory, c.process.pid, flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - this interpreter, our script
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        directory, postmaster = process.stdout.readline().split()
        process.kill()
    eventually(lambda: not Path(directory).exists(), what="the directory is removed")
    eventually(lambda: gone(int(postmaster)), what="the server has ended")


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_commit_waits_for_the_standby() -> None:
    with synchronous_pair() as pair:
        pair.standby.kill()
        statement = asyncio.create_task(asyncio.to_thread(pair.primary.execute, "CREATE TABLE kept (n int)"))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        await asyncio.to_thread(eventually, lambda: pair.primary.execute(waiting), what="the commit waits")
        assert not statement.done()
        pair.standby.start()
        await asyncio.wait_for(statement, TIMEOUT)


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_was_acknowledged_before_the_kill_is_there_after_promotion() -> None:
    acknowledged: list[int] = []
    enough = asyncio.Event()

    async def write(first: int) -> None:
        connection = await asyncpg.connect(pair.url())
        try:
            for n in range(first, first + 100_000):
                await connection.execute("INSERT INTO kept VALUES ($1)", n)
                acknowledged.append(n)
                if len(acknowledged) > 200:
                    enough.set()
        except LOST:
            await connection.close()

    with synchronous_pair() as pair:
        pair.primary.execute("CREATE TABLE kept (n int PRIMARY KEY)")
        writers = [asyncio.create_task(write(n * 100_000)) for n in range(4)]
        await asyncio.wait_for(enough.wait(), TIMEOUT)
        pair.primary.kill()
        await asyncio.wait_for(asyncio.gather(*writers), TIMEOUT)
        pair.promote()

        connection = await asyncpg.connect(pair.url())
        kept = {row["n"] for row in await connection.fetch("SELECT n FROM kept")}
        await connection.execute("INSERT INTO kept VALUES (-1)")
        await connection.close()
    assert kept.issuperset(acknowledged)
