"""An operation ends in time: what waits is told TIMEOUT, what is done stays done, and no thread is left behind."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from sqlalchemy import Connection, text

from app import deadline
from app.database import Database, Options
from app.errors import RefusalCode, Refused
from graph import execution
from graph.execution import Execution, Operation
from graph.limits import DEFAULTS
from tests.api import CREATE, Api
from tests.graph.limits.serving import served
from tests.server import PATIENCE

pytestmark = pytest.mark.anyio

TIMEOUT = {"code": "TIMEOUT"}
SOON = 0.2  # seconds

# It has no end of its own.
ENDLESS = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x > 0) SELECT count(*) FROM n")


async def test_a_field_that_waits_too_long_is_told_and_the_others_keep_their_data(database_url: str) -> None:
    # So little time that every wait is too long.
    async with served(database_url, operation_timeout=1e-6) as api:
        response = await api.post(
            '{ viewer { tenantId } customer(by: {id: "cust_00000000000000000000000000"}) { id } }'
        )

    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"viewer": {"tenantId": api.tenant}, "customer": None}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]) == (["customer"], TIMEOUT)
    assert error["message"].startswith("The operation took too long.")


@strawberry.type
class Query:
    @strawberry.field
    def soon(self) -> str:
        return "soon"

    @strawberry.field
    async def never(self) -> str | None:
        await asyncio.get_running_loop().create_future()
        return None


async def test_what_heeds_no_deadline_ends_with_the_whole_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "GRACE", 0.01)
    waiting = Execution(strawberry.Schema(Query), replace(DEFAULTS, seconds=0.01))

    with pytest.raises(Refused) as refused:
        await waiting.execute(Operation("{ soon never }", None, {}, {}, read_only=True), None)

    assert refused.value.code is RefusalCode.TIMEOUT


async def test_a_mutation_that_runs_out_of_time_has_its_effect_whole_or_not_at_all(api: Api, database_url: str) -> None:
    timed_out = 0
    for step in range(12):
        # From no time at all to more than enough.
        async with served(database_url, operation_timeout=1e-4 * 2**step) as hurried:
            hurried.tenant, hurried.secret = api.tenant, api.secret
            name = f"customer-{step}"
            input = {"externalId": name, "integrationEntityMapping": [{"provider": "STRIPE", "id": name}]}
            answer = (await hurried.post(CREATE, {"input": input, "idempotencyKey": name})).json()
        timed_out += "errors" in answer
        assert [error["extensions"] for error in answer.get("errors", ())] in ([], [TIMEOUT])

        made = (await api.execute(LOOK, {"name": name}))["customer"]
        if "errors" not in answer:
            assert made
        if made:
            assert made["integrations"] == [{"id": name}]
            assert made["events"]["totalCount"] == 1
        # Whatever became of it, the same call again has it once.
        outcome = await api.mutate("createCustomer", input=input, idempotencyKey=name)
        assert outcome["replayed"] is (made is not None)
    assert timed_out


LOOK = """query($name: String!) { customer(by: {externalId: $name}) {
  integrations { id } events { totalCount } } }"""


async def test_a_statement_ends_at_the_deadline_and_frees_its_connection_and_its_thread(own_database: str) -> None:
    database = Database(own_database, Options(pool_size=1, statement_timeout=PATIENCE))
    try:
        assert await database.read(one) == 1
        threads = threading.active_count()

        with pytest.raises(Refused) as refused, deadline.within(SOON):
            await database.read(endless)

        assert refused.value.code is RefusalCode.TIMEOUT
        assert await database.read(one) == 1
        async with asyncio.timeout(PATIENCE):
            while threading.active_count() > threads:  # noqa: ASYNC110  # a thread that ends sets no event
                await asyncio.sleep(0.01)
    finally:
        await database.close()


async def test_without_a_deadline_nothing_ends(own_database: str) -> None:
    database = Database(own_database, Options(pool_size=1, statement_timeout=PATIENCE))
    try:
        with pytest.raises(Refused), deadline.within(SOON):
            await database.read(endless)
        # More steps than SQLite takes between two looks at the clock, on the same connection.
        assert await database.read(lambda connection: connection.execute(COUNT).scalar()) == 1_000_000
    finally:
        await database.close()


COUNT = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000) SELECT count(*) FROM n")


def endless(connection: Connection) -> Any:
    return connection.execute(ENDLESS).scalar()


def one(connection: Connection) -> Any:
    return connection.execute(text("SELECT 1")).scalar()
