"""What was exported and imported again is what it was: in any script, empty or as long as can be, archived too."""

import asyncio
from collections.abc import Mapping
from itertools import count
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import customers
from app.customers import ById
from app.customers.models import Details
from app.texts import WHITE_SPACE, TextRule
from app.transfer import Format, exporting
from app.transfer.formulas import escaped, unescaped
from tests.app.transfer.conftest import Place, lines

pytestmark = pytest.mark.anyio

PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"])
# Also what a spreadsheet, a CSV reader or a trimming import might take for something else.
TRICKY = st.sampled_from(
    ["=1+1", "'=x", "''+", "+49 30", "-", "@a", '"', ",", ";", 'a,b"c', "null", "\u202e", "\uff1d", "🏳️‍🌈"]
)


def texts(most: int, characters: Any = PRINTABLE) -> Any:
    longest = st.builds(lambda c: c * most, characters)
    return st.one_of(st.text(characters, max_size=min(most, 30)), TRICKY.filter(lambda t: len(t) <= most), longest)


def trimmed(most: int) -> Any:
    return texts(most).filter(lambda text: text == text.strip(WHITE_SPACE))


LIMITS = {
    name: rule.most
    for name, field in Details.model_fields.items()
    for rule in field.metadata
    if isinstance(rule, TextRule) and rule.most and name not in {"external_id", "email"}
}
NAMES = {"name": "name", "contact": "contact", "address_line1": "addressLine1", "address_city": "addressCity"}
LINED = st.one_of(PRINTABLE, st.sampled_from("\t\n\r"))
ROW = st.fixed_dictionaries(
    {"externalId": trimmed(255).filter(bool)},
    optional={
        **{camel: trimmed(LIMITS[name]) for name, camel in NAMES.items()},
        "metadata": st.dictionaries(texts(40).filter(bool), texts(500, LINED), max_size=4),
        "integrationEntityMapping": texts(200).map(lambda t: [{"provider": "STRIPE", "id": f"={t}{token_hex(8)}"}]),
    },
)
ROWS = st.lists(ROW, min_size=1, max_size=6, unique_by=lambda row: row["externalId"])
numbers = count()


@pytest.mark.parametrize("format", Format)
@given(rows=ROWS, gone=st.sampled_from(["archived", "erased", "kept"]))
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_import_of_an_export_is_what_was_exported(
    place: Place, format: Format, rows: list[dict[str, Any]], gone: str
) -> None:
    here, there = await place.another(f"from-{next(numbers)}"), await place.another(f"to-{next(numbers)}")
    for row in rows[1:]:
        row["parentCustomerExternalId"] = rows[0]["externalId"]
    counts = await here.take(here.file(lines(rows), "rows.jsonl"))
    assert counts.created == len(rows)
    await end(here, rows[0]["externalId"], gone)
    before = await here.exported(format)

    # The last first: children before their parents.
    moved = before if format is Format.CSV else "".join(reversed(before.splitlines(keepends=True)))
    assert (await there.take(there.file(moved, f"moved.{format}"))).created == len(rows)

    assert await there.exported(format) == before


async def end(place: Place, external_id: str, how: str) -> None:
    """The parent's end; its children keep it."""
    id = (await place.customers())[external_id]["id"]
    if how == "archived":
        await place.database.write(customers.archive(place.actor, ById(id)))
    if how == "erased":
        await place.database.write(customers.erase(place.actor, ById(id), external_id))


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
