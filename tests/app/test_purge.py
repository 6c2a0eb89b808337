"""Idempotency keys past their time: by `python -m app purge`, and by the server itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import Connection, event, func, insert, select, update

from app import idempotency, identity, migrations, purging
from app.database import Database
from app.idempotency import KEYS
from app.identity import Actor, NewKey
from app.opening import opened
from app.purging import MARGIN, Batch, purge
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.app.conftest import Empty
from tests.server import PATIENCE, run

pytestmark = pytest.mark.anyio

DAY = timedelta(hours=24)
NOW = datetime.now(UTC)
ACTOR = Actor("acme", "live", "key", frozenset())


@pytest.fixture
async def api(own_database: str) -> AsyncIterator[Api]:
    """A tenant alone with its database."""
    app = create_app(Settings(database_url=own_database))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        yield await Api(client, app.state.database).acting()


@pytest.fixture
async def database(own_database: str) -> AsyncIterator[Database]:
    async with opened(own_database) as database:
        yield database


class Statement:
    """Whatever a test wants written."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def apply(self, connection: Connection) -> None:
        connection.execute(*self.arguments)


async def age(api: Api, key: str, age: timedelta) -> None:
    """Make a used key older."""
    is_it = KEYS.c.key == identity.digest_of(key)
    await api.database.write(Statement(update(KEYS).where(is_it).values(created_at=datetime.now(UTC) - age)))


async def fill(database: Database, ages: list[timedelta]) -> None:
    """Keys of those ages at NOW."""
    await database.write(NewKey(ACTOR.tenant_id, ACTOR.environment_id))
    rows = [idempotency.row_of(ACTOR, str(n), "test", "", {}, NOW - age) for n, age in enumerate(ages)]
    await database.write(Statement(insert(KEYS), rows))


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator["asyncio.Queue[str]"]:
    """What a server's own purges log."""
    lines: asyncio.Queue[str] = asyncio.Queue()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.put_nowait(record.getMessage())

    listener = Listener()
    caplog.set_level(logging.INFO, purging.log.name)
    purging.log.addHandler(listener)
    yield lines
    purging.log.removeHandler(listener)


async def left(database: Database) -> int:
    count = select(func.count()).select_from(KEYS)
    return int(await database.read(lambda connection: connection.execute(count).scalar_one()))


async def test_a_purged_key_can_be_used_again_and_a_younger_one_replays_still(api: Api) -> None:
    await api.created("old", externalId="old")
    await api.created("young", externalId="young")
    await age(api, "old", DAY + 2 * MARGIN)
    await age(api, "young", DAY - timedelta(seconds=1))

    assert await purge(api.database, DAY) == 1

    assert not (await api.create("old", externalId="other"))["replayed"]
    assert (await api.create("young", externalId="young"))["replayed"]


async def test_a_key_is_kept_for_as_long_as_is_promised(database: Database) -> None:
    await fill(database, [DAY, DAY + MARGIN, 2 * DAY, 4 * DAY])

    assert await purge(database, 3 * DAY, now=NOW) == 1
    assert await purge(database, DAY, now=NOW) == 1
    assert await left(database) == 2


async def test_two_purges_at_once_share_the_work(own_database: str, database: Database) -> None:
    await fill(database, [2 * DAY] * 600 + [timedelta(0)] * 3)

    async with opened(own_database) as another:
        removed = await asyncio.gather(*(purge(one, DAY, now=NOW, batch=50) for one in (database, another)))

    assert sum(removed) == 600
    assert min(removed) >= 50
    assert await left(database) == 3


async def test_one_transaction_removes_a_batch_the_oldest_first(database: Database) -> None:
    await fill(database, [DAY * n for n in range(1, 8)])

    assert await database.write(Batch(NOW, limit=5)) == 5
    newest = await database.read(lambda connection: connection.execute(select(func.min(KEYS.c.created_at))).scalar())
    assert newest == NOW - 2 * DAY


async def test_customers_are_created_while_a_purge_goes_on(api: Api) -> None:
    await fill(api.database, [2 * DAY] * 300)

    purging = asyncio.create_task(purge(api.database, DAY, now=NOW, batch=20))
    created = met = 0
    while not purging.done():
        await api.created(f"key-{created}", externalId=f"c{created}")
        created += 1
        met += not purging.done()

    assert met > 0
    assert await purging == 300


async def test_a_key_that_is_purged_while_it_is_claimed_is_free(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.created(externalId="acme")
    inserted: Iterator[list[Any]] = iter([[]])  # It was there when it was inserted, and gone when it was looked for.
    really = idempotency.insert
    monkeypatch.setattr(idempotency, "insert", lambda *args: next(inserted, None) or really(*args))

    outcome = await api.mutate("updateCustomer", by={"externalId": "acme"}, patch={"name": "A"}, idempotencyKey="key")

    assert (outcome["__typename"], outcome["replayed"]) == ("UpdateCustomerSuccess", False)


async def test_the_server_purges_by_itself(database: Database, said: "asyncio.Queue[str]") -> None:
    await fill(database, [2 * DAY])

    async with asyncio.timeout(PATIENCE), purging.regularly(database, DAY, every=timedelta(milliseconds=10)):
        assert await said.get() == "1 idempotency keys purged"
        assert await left(database) == 0


async def test_a_purge_that_fails_is_logged_and_tried_again(empty: Empty, said: "asyncio.Queue[str]") -> None:
    database = await empty()  # without a table, so far

    async with asyncio.timeout(PATIENCE), purging.regularly(database, DAY, every=timedelta(milliseconds=10)):
        for _ in range(2):
            assert (await said.get()).startswith("idempotency keys could not be purged")
        await migrations.upgrade(database)
        await fill(database, [2 * DAY])
        while await said.get() != "1 idempotency keys purged":
            pass
        assert await left(database) == 0


async def test_a_server_that_stops_does_not_wait_for_its_purge(database: Database) -> None:
    await fill(database, [2 * DAY] * 3000)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE"):
            loop.call_soon_threadsafe(begun.set)

    event.listen(database.sync_engine, "after_cursor_execute", note)
    async with asyncio.timeout(PATIENCE), purging.regularly(database, DAY, every=timedelta(0)):
        await begun.wait()

    assert await left(database) > 0
    assert await purge(database, DAY) > 0


@pytest.mark.slow
async def test_the_command_tells_how_many_it_removed(own_database: str, database: Database) -> None:
    await fill(database, [timedelta(0), *[2 * DAY] * 2])

    ended = await asyncio.to_thread(run, "purge", BILLFOLK_DATABASE_URL=own_database)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "Idempotency keys removed: 2\n")
    assert await left(database) == 1


@pytest.mark.slow
def test_the_command_makes_no_database(empty_database: str) -> None:
    ended = run("purge", BILLFOLK_DATABASE_URL=empty_database)

    assert ended.returncode == 1
    assert ended.stderr == "billfolk: The database's schema is out of date. Run: python -m app migrate\n"


@pytest.mark.slow
def test_a_key_is_never_kept_for_less_than_a_day() -> None:
    ended = run("purge", BILLFOLK_IDEMPOTENCY_RETENTION_HOURS="23")

    assert ended.returncode == 1
    assert ended.stderr.startswith("billfolk: BILLFOLK_IDEMPOTENCY_RETENTION_HOURS: ")
