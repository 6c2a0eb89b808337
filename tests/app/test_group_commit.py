"""Callers that share a commit: what each is told, what is stored, and who is not harmed by whom."""

import asyncio
import random
from asyncio import Task, create_task, gather
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import IntegrityError

from app import customers
from app.customers import Created, Creation
from app.customers.errors import ExternalIdTaken
from app.customers.models import NewCustomer
from app.customers.tables import CUSTOMERS, MAPPINGS
from app.database import Database, Options
from app.errors import RefusalCode, Refused
from app.events import EVENTS
from app.idempotency import KEYS
from app.identity import DEFAULT_SCOPES, Actor, NewKey
from app.opening import connected, opened
from tests import postgres
from tests.gates import Gate, all_lanes_held

pytestmark = pytest.mark.anyio

ACTOR = Actor("acme", "live", "key", DEFAULT_SCOPES)


def creation(name: str, key: str | None = None, actor: Actor = ACTOR) -> Creation:
    link = {"provider": "STRIPE", "id": name}
    return customers.create(actor, {"external_id": name, "integration_entity_mapping": [link]}, key)


def creations(count: int) -> list[Creation]:
    return [creation(f"c{n}", f"k{n}") for n in range(count)]


@asynccontextmanager
async def prepared(url: str, **options: Any) -> AsyncIterator[Database]:
    async with opened(url, Options(**options)) as database:
        await database.write(NewKey(ACTOR.tenant_id, ACTOR.environment_id))
        yield database


@pytest.fixture
async def database(own_database: str) -> AsyncIterator[Database]:
    async with prepared(own_database) as database:
        yield database


async def stored(database: Database) -> set[str]:
    """The external ids. Each customer has what was stored with it, and nothing is there without its customer."""

    def counts(connection: Connection) -> Iterator[int]:
        for table in (CUSTOMERS, EVENTS, MAPPINGS, KEYS):
            yield connection.execute(select(func.count()).select_from(table)).scalar_one()

    made, told, linked, keyed = await database.read(lambda connection: list(counts(connection)))
    assert made == told == linked
    assert keyed in (0, made)
    return set(await database.read(lambda connection: connection.execute(select(CUSTOMERS.c.external_id)).scalars()))


@contextmanager
def commits(database: Database) -> Iterator[list[object]]:
    """The commits of changes meanwhile."""
    seen: list[object] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options()["billfolk_writes"]:
            seen.append(connection)

    event.listen(database.sync_engine, "commit", note)
    try:
        yield seen
    finally:
        event.remove(database.sync_engine, "commit", note)


class Bug(Exception):
    pass


async def started(*tasks: Task[Any]) -> None:
    """Let the tasks run until each of them waits, or is done."""
    for _ in tasks:
        await asyncio.sleep(0)


async def test_all_that_waited_for_a_commit_are_the_next(database: Database) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(all_lanes_held(database))
        waiting = [create_task(database.write(change)) for change in creations(64)]
        await started(*waiting)
        with commits(database) as seen:
            await stack.aclose()
            made = await gather(*waiting)

    assert len(seen) == 1 + (1 if database.is_sqlite else 2)  # theirs, and the gates'
    assert [one.customer.external_id for one in made] == [f"c{n}" for n in range(64)]
    assert len(await stored(database)) == 64


@dataclass(frozen=True, eq=False)
class Raising:
    """Stores a customer, and raises."""

    inside: Creation
    statement: str = "SELECT 1"
    tenant_id: str = "acme"

    def apply(self, connection: Connection) -> None:
        self.inside.apply(connection)
        connection.exec_driver_sql(self.statement)
        raise Bug


class RaisingTogether(Raising):
    @staticmethod
    def together(connection: Connection, changes: Sequence[Raising]) -> Sequence[None]:
        for change in changes:
            change.apply(connection)
        return [None] * len(changes)


def broken(kind: str) -> tuple[Any, type[Exception]]:
    match kind:
        case "a constraint":
            # Past the rules that its caller's input is held against.
            new = NewCustomer.model_construct(external_id="broken", name="x" * 256, integration_entity_mapping=())
            return Creation(ACTOR, new, "broken"), IntegrityError
        case "merged":
            return RaisingTogether(creation("broken")), Bug
        case "after the transaction":
            return Raising(creation("broken"), "ROLLBACK"), Bug
        case _:
            return Raising(creation("broken")), Bug


@pytest.mark.parametrize("kind", ["a constraint", "merged", "after the transaction", "alone"])
async def test_what_one_change_breaks_fails_its_own_caller_only(database: Database, kind: str) -> None:
    change, expected = broken(kind)
    good = creations(63)

    outcomes = await gather(*(database.write(one) for one in [*good[:30], change, *good[30:]]), return_exceptions=True)

    assert isinstance(outcomes.pop(30), expected)
    assert {type(one) for one in outcomes} == {Created}
    assert await stored(database) == {one.new.external_id for one in good}
    assert isinstance(await database.write(creation("afterwards", "afterwards")), Created)


async def test_two_processes_that_race_for_the_same_names_share_them_out(own_database: str) -> None:
    async with prepared(own_database) as one, connected(own_database) as other:
        names = [f"c{n}" for n in range(100)]
        outcomes: dict[str, list[Any]] = {name: [] for name in names}

        async def creating(database: Database, name: str) -> None:
            try:
                outcomes[name].append(await database.write(creation(name, None)))
            except ExternalIdTaken as taken:
                outcomes[name].append(taken)

        dice = random.Random(1)  # noqa: S311 - no secret
        calls = [(database, name) for database in (one, other) for name in dice.sample(names, len(names))]
        await gather(*(creating(*call) for call in calls))

        assert await stored(one) == set(names)
    for both in outcomes.values():
        made, taken = sorted(both, key=lambda outcome: isinstance(outcome, Exception))
        assert isinstance(made, Created)
        assert isinstance(taken, ExternalIdTaken)
        assert taken.existing
        assert taken.existing.id == made.customer.id


async def test_more_than_fit_in_line_are_told_at_once_and_may_come_again(own_database: str) -> None:
    async with prepared(own_database, queue_size=3) as database:
        async with all_lanes_held(database):
            waiting = [create_task(database.write(change)) for change in creations(3)]
            await started(*waiting)
            with pytest.raises(Refused) as refused:
                await database.write(creation("late", "late"))
            assert not any(task.done() for task in waiting)
        await gather(*waiting)

        assert (refused.value.code, refused.value.extensions) == (RefusalCode.BUSY, {"retry_after": 1})
        assert await stored(database) == {"c0", "c1", "c2"}
        assert isinstance(await database.write(creation("late", "late")), Created)


async def test_who_waits_in_line_too_long_is_told_and_nothing_is_stored(own_database: str) -> None:
    async with prepared(own_database, pool_timeout=0.2) as database:
        async with all_lanes_held(database):
            outcomes = await gather(*map(database.write, creations(3)), return_exceptions=True)

        assert [(type(one), getattr(one, "code", None)) for one in outcomes] == [(Refused, RefusalCode.BUSY)] * 3
        await database.write(creation("afterwards", "afterwards"))
        assert await stored(database) == {"afterwards"}


async def test_who_leaves_while_in_line_leaves_nothing_and_holds_up_nobody(database: Database) -> None:
    async with all_lanes_held(database):
        waiting = [create_task(database.write(change)) for change in creations(3)]
        await started(*waiting)
        waiting[1].cancel()
    outcomes = await gather(*waiting, return_exceptions=True)

    assert [type(one) for one in outcomes] == [Created, asyncio.CancelledError, Created]
    assert await stored(database) == {"c0", "c2"}


async def test_who_leaves_while_it_is_stored_is_stored_whole_and_harms_nobody(database: Database) -> None:
    gate = Gate()
    changes: list[Any] = [*creations(3), gate]
    waiting: list[Task[Any]] = [create_task(database.write(change)) for change in changes]
    await gate.reached.wait()

    waiting[1].cancel()
    await started(*waiting)
    gate.open()
    outcomes = await gather(*waiting, return_exceptions=True)

    assert [type(one) for one in outcomes] == [Created, asyncio.CancelledError, Created, type(None)]
    assert await stored(database) == {"c0", "c1", "c2"}


async def test_closing_commits_what_is_in_line_and_takes_nothing_more(own_database: str) -> None:
    async with prepared(own_database) as database:
        async with all_lanes_held(database):
            waiting = [create_task(database.write(change)) for change in creations(3)]
            await started(*waiting)
            closing = create_task(database.close())
            await started(closing)
            with pytest.raises(Refused):
                await database.write(creation("late", "late"))
        await closing
        assert {type(await one) for one in waiting} == {Created}
    async with connected(own_database) as database:
        assert await stored(database) == {"c0", "c1", "c2"}


@dataclass(frozen=True, eq=False)
class Noted:
    """A change that tells with whom it was applied."""

    tenant_id: str
    batches: list[list[str]]

    def apply(self, connection: Connection) -> None:
        self.together(connection, [self])

    @staticmethod
    def together(_connection: Connection, changes: Sequence["Noted"]) -> Sequence[None]:
        changes[0].batches.append([change.tenant_id for change in changes])
        return [None] * len(changes)


@pytest.mark.parametrize("by_tenant", [False, True])
async def test_a_commit_can_hold_one_tenants_changes_only(own_database: str, by_tenant: bool) -> None:
    batches: list[list[str]] = []
    async with prepared(own_database, batch_by_tenant=by_tenant) as database:
        async with all_lanes_held(database):
            waiting = [create_task(database.write(Noted(tenant, batches))) for tenant in "abacba"]
            await started(*waiting)
        await gather(*waiting)

        # SQLite is never spread over several machines.
        expected = [["a", "a", "a"], ["b", "b"], ["c"]] if by_tenant and not database.is_sqlite else [list("abacba")]
        assert sorted(batches) == sorted(expected)


async def test_who_must_wait_for_anothers_transaction_holds_up_nobody_else(empty_postgres: str) -> None:
    async with prepared(empty_postgres, statement_timeout=300.0) as database:
        async with database.direct.connect() as blocker, asyncio.timeout(60):
            await blocker.run_sync(creation("contested", "first").apply)
            contested = create_task(database.write(creation("contested", "second")))
            made = await gather(*map(database.write, creations(9)))
            assert {type(one) for one in made} == {Created}
            assert not contested.done()
            await blocker.rollback()
            assert (await contested).customer.external_id == "contested"

        assert len(await stored(database)) == 10


async def test_a_batch_whose_answer_was_lost_is_told_the_truth(empty_postgres: str) -> None:
    async with prepared(empty_postgres), postgres.proxy(empty_postgres) as proxy, connected(proxy.url) as database:
        for cut in (proxy.cut_next_commit, proxy.cut_before_next_commit):
            changes = [creation(f"{cut.__name__}-{n}", f"{cut.__name__}-{n}") for n in range(16)]
            changes.append(creation(f"{cut.__name__}-0"))
            cutting = cut()
            outcomes: list[Any] = await gather(*map(database.write, changes), return_exceptions=True)
            await cutting

            taken = outcomes.pop()
            assert isinstance(taken, ExternalIdTaken)
            assert [(type(one), one.replayed, one.customer.id) for one in outcomes] == [
                (Created, False, change.id) for change in changes[:16]
            ]
        assert len(await stored(database)) == 32
