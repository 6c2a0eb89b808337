"""Ours, served as `serve` serves it, with DBOS beside it: `… durable WAY PORT`, of which WAY is one of `WAYS`.

It is launched and ended by the application's lifespan, in the same process and on the same event loop.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import orjson
from dbos import DBOS, DBOSClient, DBOSConfig, WorkflowSerializationFormat
from sqlalchemy import Connection, text
from starlette.applications import Starlette

from app.customers import insertion
from app.customers.drafts import Created, Draft
from app.database import Database
from app.serving.listening import listen
from app.serving.server import Server
from app.settings import Settings
from graph.asgi import create_app

APPLICATION, QUEUE, WORKFLOW = "billfolk", "onboarding", "onboard"
POLLING = 0.2  # seconds
# How many a process runs at once: with the polling interval, the most that it begins in a second is 80.
CONCURRENCY = 16

# An enqueued workflow's arguments: tenant, environment and event.
Arguments = tuple[str, str, str]
Enqueue = Callable[[DBOSClient, Connection, Sequence[Arguments]], None]


def one_by_one(client: DBOSClient, connection: Connection, calls: Sequence[Arguments]) -> None:
    """As DBOS's documentation has it: two statements each."""
    for call in calls:
        client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": call[2],
                "serialization_type": WorkflowSerializationFormat.PORTABLE,
            },
            *call,
        )


def together(_client: DBOSClient, connection: Connection, calls: Sequence[Arguments]) -> None:
    """The same rows, by one statement a table."""
    source, schema = SOURCES[connection.dialect.name]
    rows = [{"id": id, "inputs": inputs_of((tenant, environment, id))} for tenant, environment, id in calls]
    given = {"rows": orjson.dumps(rows).decode(), "now": int(time.time() * 1000)}
    for statement in (STATUS, INPUT):
        connection.execute(text(statement.format(schema=schema, source=source)), given)


def by_function(_client: DBOSClient, connection: Connection, calls: Sequence[Arguments]) -> None:
    """By the function that DBOS has in PostgreSQL, all in one statement."""
    rows = [{"id": id, "inputs": [tenant, environment, id]} for tenant, environment, id in calls]
    connection.execute(text(FUNCTION), {"rows": orjson.dumps(rows).decode()})


def inputs_of(call: Arguments) -> str:
    return orjson.dumps({"namedArgs": {}, "positionalArgs": call}).decode()


SOURCES = {
    "sqlite": ("SELECT value ->> 'id' AS id, value ->> 'inputs' AS inputs FROM json_each(:rows) WHERE true", ""),
    "postgresql": ("SELECT id, inputs FROM json_to_recordset(CAST(:rows AS json)) AS r(id text, inputs text)", "dbos."),
}
STATUS = f"""
    INSERT INTO {{schema}}workflow_status
        (workflow_uuid, status, name, queue_name, recovery_attempts, priority, serialization, application_name,
         created_at, updated_at)
    SELECT id, 'ENQUEUED', '{WORKFLOW}', '{QUEUE}', 0, 0, 'portable_json', '{APPLICATION}',
        CAST(:now AS bigint), CAST(:now AS bigint)
    FROM ({{source}}) AS calls WHERE true ON CONFLICT (workflow_uuid) DO NOTHING
"""  # noqa: S608 - names of our own
INPUT = """
    INSERT INTO {schema}workflow_input (workflow_uuid, inputs, retention_timestamp)
    SELECT id, inputs, CAST(:now AS bigint) FROM ({source}) AS calls WHERE true ON CONFLICT (workflow_uuid) DO NOTHING
"""
FUNCTION = f"""
    SELECT dbos.enqueue_workflow('{WORKFLOW}', '{QUEUE}', positional_args => inputs, workflow_id => id,
        application_name => '{APPLICATION}')
    FROM json_to_recordset(CAST(:rows AS json)) AS r(id text, inputs json[])
"""  # noqa: S608 - names of our own


@dataclass(frozen=True)
class Way:
    """`own_file`: DBOS's tables are beside ours. `outbox`: what was committed is enqueued there afterwards."""

    enqueue: Enqueue | None = None
    listens: bool = True
    own_file: bool = False
    outbox: bool = False


WAYS = {
    "poller": Way(),
    "enqueued, not run": Way(one_by_one, listens=False),
    "one by one": Way(one_by_one),
    "function": Way(by_function),
    "together": Way(together),
    "together, not run": Way(together, listens=False),
    "own file": Way(own_file=True),
    "own file, outbox": Way(own_file=True, outbox=True),
}


def system_url(database_url: str, way: Way) -> str:
    """Where DBOS's tables are."""
    return f"{database_url}.dbos" if way.own_file else database_url


async def onboard(tenant_id: str, environment_id: str, event_id: str) -> None:
    """Nothing: what is measured is what it costs to have it done."""


@asynccontextmanager
async def polling(url: str, way: Way) -> AsyncIterator[DBOSClient]:
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": url,
        "application_version": "1",
        "executor_id": "benchmark",
        "sys_db_pool_size": 5,
        "max_executor_threads": CONCURRENCY,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.workflow(name=WORKFLOW)(onboard)
    if not way.listens:
        DBOS.listen_queues([])
    DBOS.launch()  # On the loop: its workflows then run here, and not on a loop of its own in another thread.
    await DBOS.register_queue_async(QUEUE, worker_concurrency=CONCURRENCY, polling_interval_sec=POLLING)
    client = DBOSClient(system_database_url=url, application_name=APPLICATION, lazy=True)
    try:
        yield client
    finally:
        client.destroy()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as ending:
            await loop.run_in_executor(ending, DBOS.destroy)
        # It had put its own threads in the place of the loop's, and has ended them.
        loop.set_default_executor(ThreadPoolExecutor())


@asynccontextmanager
async def enqueuing(enqueue: Callable[[Connection, Sequence[Arguments]], None]) -> AsyncIterator[None]:
    """Have each customer's event enqueued where it is stored, in the same transaction."""
    store = insertion.store

    def both(connection: Connection, drafts: Sequence[Draft]) -> None:
        store(connection, drafts)
        events = [draft.event for draft in drafts if isinstance(draft.outcome, Created)]
        if events:
            enqueue(connection, [(event["tenant_id"], event["environment_id"], event["id"]) for event in events])

    with patch.object(insertion, "store", both):
        yield


@asynccontextmanager
async def handing_on(database: Database, url: str, client: DBOSClient) -> AsyncIterator[None]:
    """Enqueue what was committed since, a batch at a time, in DBOS's own file."""
    theirs = Database(url)

    async def again_and_again() -> None:
        last = 0
        while True:
            found = await database.read(partial(committed, after=last))
            if found:
                last = found[-1][0]
                await theirs.write(Handing(client, [(tenant, environment, id) for _, tenant, environment, id in found]))
            await asyncio.sleep(POLLING)

    handing = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        handing.cancel()
        await asyncio.wait([handing])
        await theirs.close()


def committed(connection: Connection, after: int) -> Sequence[Any]:
    # SQLite's one writer gives them out in the order of commits.
    found = "SELECT rowid, tenant_id, environment_id, id FROM events WHERE rowid > ? ORDER BY rowid LIMIT 500"
    return connection.exec_driver_sql(found, (after,)).all()


@dataclass(frozen=True)
class Handing:
    """What was committed elsewhere, to be enqueued."""

    client: DBOSClient
    calls: Sequence[Arguments]

    def apply(self, connection: Connection) -> None:
        together(self.client, connection, self.calls)


def make(settings: Settings, way: Way) -> Starlette:
    app = create_app(settings)
    ours = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            state = await stack.enter_async_context(ours(app))
            url = system_url(settings.database_url, way)
            client = await stack.enter_async_context(polling(url, way))
            if way.enqueue:
                await stack.enter_async_context(enqueuing(partial(way.enqueue, client)))
            if way.outbox:
                await stack.enter_async_context(handing_on(app.state.database, url, client))
            yield state

    app.router.lifespan_context = lifespan
    return app


if __name__ == "__main__":
    [name, port] = sys.argv[1:]
    settings = Settings()
    Server(settings, make(settings, WAYS[name])).run([listen("127.0.0.1", int(port))])
