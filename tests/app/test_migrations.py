"""The history: what it makes is what the models say, on both engines, and each step can be taken back."""

from collections.abc import Callable

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlmodel import SQLModel

from app import migrations
from app.database import Database
from app.migrations import moving
from app.migrations.session import session
from tests.app.conftest import Empty
from tests.app.dumps import dump, made_from

pytestmark = pytest.mark.anyio


async def moved(database: Database, move: Callable[..., None], revision: str) -> list[str]:
    """The dump after one of Alembic's commands."""
    async with session(database) as connection:
        await connection.run_sync(lambda opened: move(moving.config(opened), revision))
    return await database.read(dump)


async def test_an_upgraded_database_is_what_the_models_say(empty: Empty) -> None:
    upgraded = await empty()
    await migrations.upgrade(upgraded)

    assert await upgraded.read(dump) == await made_from(SQLModel.metadata, await empty())


async def test_the_printed_sql_makes_the_same_schema(empty: Empty) -> None:
    upgraded, by_hand = await empty(), await empty()
    await migrations.upgrade(upgraded)

    sql = migrations.pending_sql(by_hand.engine.dialect.name, None)
    async with by_hand.direct.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver
        if by_hand.is_sqlite:
            await driver.executescript(sql)
        else:
            for statement in sql.strip().split(";\n"):  # As psql does: several in one message are one transaction.
                await driver.execute(statement)

    assert await by_hand.read(dump) == await upgraded.read(dump)
    await by_hand.read(migrations.check)


async def test_each_migration_can_be_taken_back_and_made_again(empty: Empty) -> None:
    database = await empty()
    before = await database.read(dump)
    for script in reversed(list(moving.scripts().walk_revisions())):
        after = await moved(database, command.upgrade, script.revision)

        assert await moved(database, command.downgrade, "-1") == before
        assert await moved(database, command.upgrade, script.revision) == after
        before = after


async def test_autogenerate_finds_nothing_to_add(empty: Empty) -> None:
    database = await empty()
    await migrations.upgrade(database)

    def check(connection: Connection) -> None:
        command.check(moving.config(connection))  # raises what it finds

    await database.read(check)


def test_the_names_of_the_files_are_alembics_history() -> None:
    history = [script.revision for script in moving.scripts().walk_revisions()]

    assert migrations.revisions() == tuple(reversed(history))
