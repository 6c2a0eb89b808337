"""Indexes on PostgreSQL tables that are in use."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app import migrations
from app.database import Database
from app.errors import Unusable
from app.migrations import live
from app.migrations.session import session
from app.opening import connected
from tests.postgres import eventually, execute

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

TIMEOUT = 30
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_kept')"
BUILDING = """SELECT phase = 'waiting for writers before build' FROM pg_stat_progress_create_index
              WHERE command = 'CREATE INDEX CONCURRENTLY'"""
ASKED_FOR_ITS_TURN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT;'"
build = partial(live.create_index, "ix_kept", "kept", ["n"])
build_unique = partial(build, unique=True)


@pytest.fixture
async def database(empty_postgres: str) -> AsyncIterator[Database]:
    execute(empty_postgres, "CREATE TABLE kept (n int)")
    execute(empty_postgres, "INSERT INTO kept VALUES (1), (1)")
    async with connected(empty_postgres) as database:
        yield database


async def migrate(database: Database, operation: Callable[[], None]) -> None:
    """As a migration would."""

    def run(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        with context.begin_transaction(_per_migration=True), Operations.context(context):
            operation()

    async with session(database) as connection:
        await connection.run_sync(run)


async def seen(url: str, query: str) -> None:
    await asyncio.to_thread(eventually, lambda: execute(url, query), what=query)


async def test_writers_go_on_while_an_index_is_built(database: Database, empty_postgres: str) -> None:
    async with database.engine.connect() as earlier:
        await earlier.execute(text("INSERT INTO kept VALUES (2)"))
        building = asyncio.create_task(migrate(database, build))
        await seen(empty_postgres, BUILDING)

        # CREATE INDEX alone would wait for its lock here, and everybody behind it.
        async with database.direct.begin() as writer:
            await writer.execute(text("SET LOCAL lock_timeout = '1s'"))
            await writer.execute(text("INSERT INTO kept VALUES (3)"))

        # Another migration waits for its turn meanwhile, and not in a way for which the build would wait.
        waiting = asyncio.create_task(migrate(database, build))
        await seen(empty_postgres, ASKED_FOR_ITS_TURN)
        assert not building.done()
        await earlier.commit()
        await asyncio.wait_for(asyncio.gather(building, waiting), TIMEOUT)
    assert execute(empty_postgres, VALID)


async def test_what_an_interrupted_build_left_is_replaced(database: Database, empty_postgres: str) -> None:
    with pytest.raises(Exception, match="could not create unique index"):
        execute(empty_postgres, "CREATE UNIQUE INDEX CONCURRENTLY ix_kept ON kept (n)")
    assert execute(empty_postgres, VALID) is False
    execute(empty_postgres, "DELETE FROM kept")

    await migrate(database, build_unique)

    assert execute(empty_postgres, VALID) is True


async def test_an_index_that_is_there_is_kept(database: Database, empty_postgres: str) -> None:
    await migrate(database, build)
    built = execute(empty_postgres, "SELECT to_regclass('ix_kept')::oid")

    await migrate(database, build)

    assert execute(empty_postgres, "SELECT to_regclass('ix_kept')::oid") == built


async def test_a_build_that_fails_leaves_no_index_that_would_refuse_writes(
    database: Database, empty_postgres: str
) -> None:
    with pytest.raises(IntegrityError):
        await migrate(database, build_unique)

    assert execute(empty_postgres, VALID) is None
    execute(empty_postgres, "INSERT INTO kept VALUES (1)")


async def test_an_index_is_dropped_and_may_be_gone_already(database: Database, empty_postgres: str) -> None:
    await migrate(database, build)
    for _ in range(2):
        await migrate(database, partial(live.drop_index, "ix_kept", "kept"))

    assert execute(empty_postgres, VALID) is None


async def test_the_limits_are_back_after_a_build(database: Database) -> None:
    shown: list[str] = []

    async with session(database) as connection:

        def run(opened: Connection) -> None:
            context = MigrationContext.configure(opened, opts={"transaction_per_migration": True})
            with context.begin_transaction(_per_migration=True), Operations.context(context):
                build()
                shown.append(str(opened.scalar(text("SHOW lock_timeout"))))
                shown.append(str(opened.scalar(text("SHOW statement_timeout"))))

        await connection.run_sync(run)
    assert shown == ["5s", "30s"]


async def test_a_migration_gives_way_to_a_long_transaction(
    empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TIMEOUTS", ("SET lock_timeout = '20ms'",))
    async with connected(empty_postgres) as database:
        execute(empty_postgres, "CREATE TABLE alembic_version (version_num text)")
        async with database.engine.begin() as earlier:
            await earlier.execute(text("LOCK TABLE alembic_version IN SHARE MODE"))
            with pytest.raises(Unusable, match="Run it again"):
                await migrations.upgrade(database)

        assert await database.read(migrations.revision) is None
        await migrations.upgrade(database)
        await database.read(migrations.check)
