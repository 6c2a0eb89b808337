"""What becomes of the rows of a file, on both engines."""

import json

import pytest
from sqlalchemy import select

from app import customers
from app.customers import ByExternalId
from app.events import EVENTS
from app.transfer import OnConflict
from tests.app.transfer.conftest import Place, lines, table

pytestmark = pytest.mark.anyio


async def test_each_row_becomes_what_the_api_would_have_made_of_it(place: Place) -> None:
    header = "externalId,name,addressCountry,metadata.plan,metadata.note,integrationEntityMapping.STRIPE"
    counts = await place.take(place.file(table(header, "acme, Acme ,de,pro,,cus_1")))

    acme = (await place.customers())["acme"]
    assert (counts.created, counts.refused) == (1, 0)
    assert (acme["name"], acme["addressCountry"], acme["timezone"]) == ("Acme", "DE", "UTC")
    assert acme["metadata"] == {"plan": "pro"}
    assert acme["integrationEntityMapping"] == [{"provider": "STRIPE", "id": "cus_1"}]


async def test_events_are_written_as_for_the_api_and_onboarding_is_not_started(place: Place) -> None:
    await place.take(place.file(table("externalId,name", "acme,Acme")))
    customer = await place.database.read(lambda c: customers.find(c, place.actor, ByExternalId("acme")))
    [event] = await place.database.read(lambda c: c.execute(select(EVENTS)).all())

    assert customer
    assert (event.type, event.actor_id, event.customer_id) == ("customer.created", "import", customer.id)
    assert event.changes["name"] == {"before": None, "after": "Acme"}
    assert event.options == {"skip_onboarding_workflow": True}


async def test_parents_may_come_in_any_order(place: Place) -> None:
    # More than a batch has, each before its parent: the deepest first.
    chains = [
        {"externalId": f"{chain}-{level}", "parentCustomerExternalId": f"{chain}-{level - 1}" if level else None}
        for level in reversed(range(10))
        for chain in range(80)
    ]
    counts = await place.take(place.file(lines(chains), "c.jsonl"))

    stored = await place.customers()
    assert (counts.created, counts.refused, counts.waiting) == (800, 0, 0)
    for row in chains:
        parent = row["parentCustomerExternalId"]
        assert stored[str(row["externalId"])].get("parentCustomerId") == (parent and stored[str(parent)]["id"])
    assert {row["version"] for row in stored.values()} == {1}


async def test_circles_and_missing_parents_and_too_deep_ones_are_refused(place: Place) -> None:
    chain = [f"{n},{n - 1 if n else ''}" for n in range(11)]
    path = place.file(table("externalId,parentCustomerExternalId", "a,b", "b,a", "c,nobody", "d,c", "e,e", *chain))
    counts = await place.take(path)

    assert counts.created == 10
    assert [(row["externalId"], row["_code"]) for row in place.rejects(path)] == [
        *((name, "PARENT_NOT_FOUND") for name in "abcde"),
        ("10", "HIERARCHY_TOO_DEEP"),
    ]


async def test_refused_rows_come_back_with_line_field_code_and_message_and_can_be_mended(place: Place) -> None:
    path = place.file(table("externalId,email", "good,", "bad,nobody", ",", "short"))
    counts = await place.take(path)

    assert (counts.created, counts.refused) == (1, 3)
    assert [list(row.values()) for row in place.rejects(path)] == [
        ["bad", "nobody", "3", "email", "INVALID_FORMAT", "This must be an email address such as ada@example.com."],
        ["", "", "4", "externalId", "TOO_SHORT", "This must have at least 1 character."],
        ["short", "", "5", "", "MALFORMED", "This row has 1 cells, and the header 2."],
    ]

    mended = (place.folder / "customers.csv.rejects").read_text().replace("nobody", "ada@mended.example")
    assert (await place.take(place.file(mended, "mended.csv"))).created == 2
    assert (await place.customers())["bad"]["email"] == "ada@mended.example"


async def test_a_refusal_says_what_may_have_been_meant(place: Place) -> None:
    path = place.file(table("externalId,addressCountry,timezone", "a,Germany,berlin"))
    await place.take(path)

    [row] = place.rejects(path)
    assert row["_message"] == (
        "This must be a two-letter country code of ISO 3166-1. Did you mean DE?; "
        "This must be the name of a time zone in the IANA database. Did you mean Europe/Berlin?"
    )


async def test_json_lines_are_refused_as_json_lines(place: Place) -> None:
    path = place.file(
        '{"externalId": "a", "email": "x"}\n{"externalId": \n[]\n{"externalId": "b", "nmae": "B"}\n', "c.jsonl"
    )
    await place.take(path)

    rows = [json.loads(line) for line in (place.folder / "c.jsonl.rejects").read_text().splitlines()]
    assert [(row["_line"], row["_field"], row["_code"]) for row in rows] == [
        ("1", "email", "INVALID_FORMAT"),
        ("2", "", "MALFORMED"),
        ("3", "", "MALFORMED"),
        ("4", "nmae", "INVALID_CHOICE"),
    ]
    assert rows[1]["_row"] == '{"externalId":'


@pytest.mark.parametrize(
    ("policy", "name", "version", "refused"),
    [(OnConflict.FAIL, "Old", 1, 1), (OnConflict.SKIP, "Old", 1, 0), (OnConflict.UPDATE, "New", 2, 0)],
)
async def test_a_customer_that_is_there_is_dealt_with_as_asked(
    place: Place, policy: OnConflict, name: str, version: int, refused: int
) -> None:
    await place.take(place.file(table("externalId,name,contact", "acme,Old,1", "same,S,2")))
    counts = await place.take(place.file(table("externalId,name", "acme,New", "new,N"), "second.csv"), policy)

    acme = (await place.customers())["acme"]
    assert (acme["name"], acme["version"], acme["contact"]) == (name, version, "1")
    assert (counts.created, counts.refused) == (1, refused)


async def test_updating_with_what_is_there_changes_nothing(place: Place) -> None:
    file = place.file(table("externalId,name,metadata.a", "acme,Acme,1", "globex,Globex,"))
    await place.take(file)

    assert (await place.take(file, OnConflict.UPDATE)).unchanged == 2


async def test_a_name_that_is_twice_in_the_file_is_the_first_ones(place: Place) -> None:
    path = place.file(table("externalId,name", "acme,First", "acme,Second"))
    await place.take(path)

    assert (await place.customers())["acme"]["name"] == "First"
    assert [(row["name"], row["_line"], row["_code"]) for row in place.rejects(path)] == [
        ("Second", "3", "EXTERNAL_ID_TAKEN")
    ]
