"""The proxy itself: whose word is it that a commit was lost?"""

import asyncio
import re

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.postgres import execute, proxy

pytestmark = pytest.mark.anyio

TIMEOUT = 30
LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)


def count(url: str) -> int:
    return int(execute(url, "SELECT count(*) FROM kept"))


@pytest.mark.parametrize("commit", ["simple", "prepared"])
async def test_a_cut_commit_took_effect_and_the_client_never_hears(database: str, commit: str) -> None:
    async with proxy(database) as middle:
        connection = await asyncpg.connect(middle.url)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("INSERT INTO kept VALUES (1)")
        cut = middle.cut_next_commit()
        with pytest.raises(LOST):
            await (transaction.commit() if commit == "simple" else connection.fetch("COMMIT"))
        assert await asyncio.wait_for(cut, TIMEOUT) == "COMMIT"
        assert connection.is_closed()
        assert count(database) == 1


async def test_sqlalchemy_sees_a_cut_commit_as_a_lost_connection(database: str) -> None:
    async with proxy(database) as middle:
        engine = create_async_engine(middle.url.replace("postgresql", "postgresql+asyncpg", 1), poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.execute(text("INSERT INTO kept VALUES (1)"))
            cut = middle.cut_next_commit()
            with pytest.raises(DBAPIError) as failure:
                await connection.commit()
        await engine.dispose()
        assert await asyncio.wait_for(cut, TIMEOUT) == "COMMIT"
    assert failure.value.connection_invalidated
    assert count(database) == 1


@pytest.mark.parametrize("commit", ["simple", "prepared"])
async def test_a_commit_cut_before_the_server_never_happened(database: str, commit: str) -> None:
    async with proxy(database) as middle:
        connection = await asyncpg.connect(middle.url)
        await connection.execute("BEGIN; INSERT INTO kept VALUES (1)")
        cut = middle.cut_before_next_commit()
        with pytest.raises(LOST):
            await (connection.execute("COMMIT") if commit == "simple" else connection.fetch("COMMIT"))
        assert await asyncio.wait_for(cut, TIMEOUT) == ""
    assert count(database) == 0


async def test_a_transaction_of_one_statement_can_be_cut_by_its_text(database: str) -> None:
    async with proxy(database) as middle:
        connection = await asyncpg.connect(middle.url)
        cut = middle.cut_next_commit(re.compile("INSERT INTO kept"))
        with pytest.raises(LOST):
            await connection.fetch("INSERT INTO kept VALUES ($1) RETURNING n", 1)
        assert await asyncio.wait_for(cut, TIMEOUT) == "INSERT 0 1"
    assert count(database) == 1


async def test_a_commit_that_the_server_refused_is_told_from_one_that_took_effect(database: str) -> None:
    async with proxy(database) as middle:
        connection = await asyncpg.connect(middle.url)
        await connection.execute("BEGIN; INSERT INTO kept VALUES (1), (1)")
        cut = middle.cut_next_commit()
        with pytest.raises(LOST):
            await connection.execute("COMMIT")
        assert await asyncio.wait_for(cut, TIMEOUT) == "ERROR"
    assert count(database) == 0


async def test_all_else_passes_untouched_until_the_proxy_closes(database: str) -> None:
    async with proxy(database) as middle:
        connection = await asyncpg.connect(middle.url)
        async with connection.transaction():
            await connection.copy_records_to_table("kept", records=[(n,) for n in range(10_000)])
        rows = await connection.fetch("SELECT n, repeat('é', 1000) FROM kept")
        assert len(rows) == 10_000
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.execute("SET statement_timeout = 1; SELECT pg_sleep(10)")
    with pytest.raises(LOST):
        await connection.fetch("SELECT 1")


async def test_a_server_that_is_gone_looks_gone() -> None:
    async with proxy("postgresql://postgres@127.0.0.1:1/postgres") as middle:
        with pytest.raises(LOST):
            await asyncpg.connect(middle.url)
