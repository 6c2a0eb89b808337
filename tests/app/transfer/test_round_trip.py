"""What was exported and imported again is what it was: every field, in any script, empty or as long as can be."""

import asyncio
import csv
import io
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import customers
from app.customers import ById
from app.transfer import Format, exporting
from app.transfer.formats import csv_line
from app.transfer.formulas import escaped, unescaped
from tests.app.transfer import people
from tests.app.transfer.conftest import Place, json_lines, lines
from tests.app.transfer.people import Row

pytestmark = pytest.mark.anyio

numbers = count()


@pytest.mark.parametrize("format", Format)
@given(rows=people.rows(most=6), gone=st.sampled_from(["archived", "erased", "kept"]))
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
async def test_import_of_an_export_is_what_was_exported(
    place: Place, format: Format, rows: list[Row], gone: str
) -> None:
    await go_round(place, format, rows, gone)


@pytest.mark.slow
@pytest.mark.parametrize("format", Format)
@given(rows=people.rows(most=25), gone=st.sampled_from(["archived", "erased", "kept"]))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
async def test_import_of_many_exports_is_what_was_exported(
    place: Place, format: Format, rows: list[Row], gone: str
) -> None:
    await go_round(place, format, rows, gone)


async def go_round(place: Place, format: Format, rows: list[Row], gone: str) -> None:
    here, there = await place.another(f"from-{next(numbers)}"), await place.another(f"to-{next(numbers)}")
    await take_all(here, here.file(lines(rows), "rows.jsonl"), len(rows))
    check_as_sent(await here.customers(), rows)
    await end(here, rows[0], gone)
    before = await here.exported(format)

    await take_all(there, there.file(backwards(before, format), f"moved.{format}"), len(rows))
    assert await there.exported(format) == before


async def take_all(place: Place, path: str, rows: int) -> None:
    counts = await place.take(path)
    assert (place.refused(path) if counts.refused else "") == ""
    assert counts.created == rows


def check_as_sent(stored: Mapping[str, Mapping[str, Any]], rows: list[Row]) -> None:
    for row in rows:
        found = stored[row["externalId"]]
        sent = {**row}
        if parent := sent.pop("parentCustomerExternalId", None):
            sent["parentCustomerId"] = stored[parent]["id"]
        sent["integrationEntityMapping"] = by_provider(sent.get("integrationEntityMapping", []))
        assert {name: found.get(name) for name in sent} == sent


def by_provider(links: list[Row]) -> list[Row]:
    return sorted(links, key=lambda link: str(link["provider"]))


def backwards(exported: str, format: Format) -> str:
    """The last row first: children before their parents."""
    if format is Format.JSONL:
        return lines(json_lines(exported)[::-1])
    header, *rows = csv.reader(io.StringIO(exported, newline=""))
    return "".join(map(csv_line, [header, *reversed(rows)]))


async def end(place: Place, row: Row, how: str) -> None:
    """A parent's end; its children keep it."""
    customer = (await place.customers())[row["externalId"]]
    if how == "archived" and customer["status"] == "PUBLISHED":
        await place.database.write(customers.archive(place.actor, ById(customer["id"])))
    if how == "erased" and customer["status"] != "DELETED":
        await place.database.write(customers.erase(place.actor, ById(customer["id"]), row["externalId"]))


async def test_state_is_kept_when_it_is_given(place: Place) -> None:
    state: Mapping[str, Any] = {
        "id": "cust_01M8221J3WJG8RE6G0877ZXCQ9",
        "status": "ARCHIVED",
        "version": 7,
        "createdAt": "2001-02-03T04:05:06.000007Z",
        "updatedAt": "2002-02-03T04:05:06.100000Z",
        "createdBy": "ada",
        "updatedBy": "grace",
    }
    await place.take(place.file(lines([{"externalId": "acme", **state}]), "c.jsonl"))

    acme = (await place.customers())["acme"]
    assert {name: acme[name] for name in state} == state


async def test_an_export_is_of_one_moment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    await place.take(place.file(lines([{"externalId": str(n)} for n in range(6)]), "c.jsonl"))
    parts: list[str] = []
    late = customers.create(place.actor, {"external_id": "late"})
    loop = asyncio.get_running_loop()
    writing: list[asyncio.Future[Any]] = []

    def write(part: str) -> None:
        if not parts:
            writing.append(asyncio.ensure_future(place.database.write(late), loop=loop))
        parts.append(part)

    await exporting.export(place.database, place.actor, Format.JSONL, write)
    await writing[0]

    assert sum(part.count("\n") for part in parts) == 6
    assert "late" in await place.customers()


@given(st.text())
def test_escaping_of_formulas_can_be_taken_back(cell: str) -> None:
    assert unescaped(escaped(cell)) == cell
    assert not escaped(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
