"""`--on-conflict update`: set-wise, and of each row what `upsertCustomer` makes of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from app import customers
from app.customers import ById
from app.customers.lookup import within
from app.errors import Expected
from app.events import EVENTS
from app.transfer import Counts, OnConflict
from app.transfer.names import FIELDS
from app.validation import Invalid
from tests.app.transfer.conftest import Place, json_lines, lines

pytestmark = pytest.mark.anyio

Row = Mapping[str, Any]

# `a` is above `a1`, which is above `a2`; `gone` is archived, and `d` below it still.
THERE: Sequence[Row] = [
    {"externalId": "top", "integrationEntityMapping": [{"provider": "PAYPAL", "id": "taken"}]},
    {"externalId": "a", "name": "A", "email": "a@a.example", "metadata": {"plan": "pro"}, "addressCountry": "DE"},
    {"externalId": "a1", "name": "A1", "parentCustomerExternalId": "a"},
    {"externalId": "a2", "parentCustomerExternalId": "a1"},
    {"externalId": "b", "integrationEntityMapping": [{"provider": "STRIPE", "id": "s1"}]},
    {"externalId": "c", "parentCustomerExternalId": "top", "name": "Ç"},
    {"externalId": "gone"},
    {"externalId": "d", "parentCustomerExternalId": "gone"},
]
GONE = "the archived one's id"
LINKS = st.lists(
    st.fixed_dictionaries({"provider": st.sampled_from(["STRIPE", "PAYPAL"]), "id": st.sampled_from(["s1", "taken"])}),
    max_size=2,
    unique_by=lambda link: link["provider"],
)
ROW = st.fixed_dictionaries(
    {"externalId": st.sampled_from(["a", "b", "c", "d", "new", "gone"])},
    optional={
        "name": st.sampled_from(["A", "Ç", "Other", None]),
        "email": st.sampled_from(["a@a.example", "b@b.example", "wrong", None]),
        "addressCountry": st.sampled_from(["DE", "FR", None]),
        "timezone": st.sampled_from(["UTC", "Europe/Berlin", None]),
        "metadata": st.sampled_from([{"plan": "pro"}, {"plan": "free", "seats": "2"}, {}, None]),
        "parentCustomerId": st.sampled_from([GONE, None]),
        # Of no parent here a row speaks: the file's order is the order of the calls.
        "parentCustomerExternalId": st.sampled_from(["top", "a1", "a2", "nobody", None]),
        "integrationEntityMapping": LINKS,
    },
)
numbers = count()


class Prepared:
    """An environment with those customers, and rows that were made for it."""

    def __init__(self, place: Place, gone: str, rows: Sequence[Row]) -> None:
        self.place = place
        self.rows = [{**row, "parentCustomerId": gone} if row.get("parentCustomerId") else row for row in rows]

    @classmethod
    async def of(cls, place: Place, rows: Sequence[Row]) -> "Prepared":
        here = await place.another(f"tenant-{next(numbers)}")
        await here.take(here.file(lines(THERE), "there.jsonl"))
        gone = (await here.customers())["gone"]["id"]
        await here.database.write(customers.archive(here.actor, ById(gone)))
        return cls(here, gone, rows)

    async def imported(self) -> tuple[Counts, dict[int, str]]:
        """The counts, and the codes of the rows that were refused, by line."""
        path = self.place.file(lines(self.rows), "rows.jsonl")
        counts = await self.place.take(path, OnConflict.UPDATE)
        refused = json_lines(self.place.refused(path)) if counts.refused else []
        return counts, {int(row["_line"]): row["_code"] for row in refused}

    async def upserted(self) -> tuple[Counts, dict[int, str]]:
        """The same by one change after the other."""
        counts, refused = Counts(), {}
        for line, row in enumerate(self.rows, 1):
            input = {FIELDS[name]: value for name, value in row.items()} | {"skip_onboarding_workflow": True}
            try:
                made = await self.place.database.write(customers.upsert(self.place.actor, input))
            except Invalid as error:
                counts.refused += 1
                refused[line] = "; ".join(problem.code for problem in error.problems)
            except Expected as error:
                counts.refused += 1
                refused[line] = error.code
            else:
                outcome = made.outcome.lower()
                setattr(counts, outcome, getattr(counts, outcome) + 1)
        return counts, refused

    async def state(self) -> Any:
        """Each customer, and what happened to it: without what is made anew each time."""
        rows = json_lines(await self.place.exported())
        names = {row["id"]: f"{row['externalId']} {row['status']}" for row in rows}
        happened = defaultdict(list)
        order = (EVENTS.c.customer_id, EVENTS.c.customer_version)
        said = select(EVENTS).where(within(EVENTS, self.place.actor)).order_by(*order)
        for one in await self.place.database.read(lambda connection: connection.execute(said).all()):
            changes = {name: {**change} for name, change in one.changes.items()}
            for change in (changes.get("parent_customer_id", {}),):
                change |= {when: names.get(id) for when, id in change.items()}
            happened[names[one.customer_id]].append((one.type, one.customer_version, changes, one.options))
        for row in rows:
            row["parentCustomerId"] = names.get(row.get("parentCustomerId"))
            for made_anew in ("id", "createdAt", "updatedAt"):
                del row[made_anew]
        return sorted(rows, key=lambda row: (row["externalId"], row["status"])), dict(happened)


@given(rows=st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_each_row_comes_out_as_an_upsert_of_its_own_would(place: Place, rows: Sequence[Row]) -> None:
    await compare(place, rows)


@pytest.mark.slow
@given(rows=st.lists(ROW, min_size=1, max_size=20))
@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_many_files_of_rows_come_out_as_upserts_of_their_own(place: Place, rows: Sequence[Row]) -> None:
    await compare(place, rows)


async def compare(place: Place, rows: Sequence[Row]) -> None:
    set_wise, one_by_one = await Prepared.of(place, rows), await Prepared.of(place, rows)

    assert await set_wise.imported() == await one_by_one.upserted()
    assert await set_wise.state() == await one_by_one.state()


@pytest.mark.slow
async def test_thousands_of_descriptions_are_a_few_statements(place: Place) -> None:
    rows = [{"externalId": str(n), "name": "Old", "parentCustomerExternalId": "0" if n else None} for n in range(2500)]
    await place.take(place.file(lines(rows), "old.jsonl"))
    changed = [{**row, "name": "New"} if n % 5 else row for n, row in enumerate(rows)]
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    event.listen(place.database.sync_engine, "before_cursor_execute", note)
    counts = await place.take(place.file(lines(changed), "new.jsonl"), OnConflict.UPDATE)
    event.remove(place.database.sync_engine, "before_cursor_execute", note)

    assert (counts.updated, counts.unchanged) == (2000, 500)
    await check_plan(place, next(statement for statement in executed if statement.startswith("UPDATE customers SET")))
    assert 0 < len([statement for statement in executed if "customers" in statement or "events" in statement]) < 60
    stored = await place.customers()
    assert {(row["name"], row["version"]) for row in stored.values()} == {("New", 2), ("Old", 1)}


async def check_plan(place: Place, statement: str) -> None:
    """Each row is found by its key: PostgreSQL's plan hangs on what it knows of the table, SQLite's does not."""
    if not place.database.is_sqlite:
        return
    plan = text(f"EXPLAIN QUERY PLAN {statement.replace('?', ':rows')}")
    steps = await place.database.read(lambda connection: connection.execute(plan, {"rows": "[]"}).all())
    assert any("SEARCH customers" in step.detail and "id=?)" in step.detail for step in steps)
