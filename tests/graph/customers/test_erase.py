"""eraseCustomer: nothing of the person is left, in the record, its past, or the file."""

import subprocess
from pathlib import Path

import pytest

from app.identity import Scope
from tests.api import Api
from tests.app.test_failover import served
from tests.app.test_restore import program

pytestmark = pytest.mark.anyio

PERSON = {
    "externalId": "ada.lovelace@example.com",
    "name": "Augusta Ada King",
    "email": "countess@lovelace.example",
    "contact": "+44 20 7946 0123",
    "addressLine1": "12 St James's Square",
    "addressLine2": "Second floor, bell King",
    "addressCity": "Marylebone-upon-Test",
    "addressState": "Middlesex-upon-Test",
    "addressPostalCode": "SW1Y 4JH",
    "metadata": {"favourite-engine": "analytical-difference"},
}


async def test_a_receipt_tells_what_was_emptied(api: Api) -> None:
    admin = await api.acting(*Scope)
    parent = await api.created(externalId="parent")
    link = {"provider": "STRIPE", "id": "cus_1"}
    made = await api.created(**PERSON, parentCustomerId=parent["id"], integrationEntityMapping=[link])
    await api.mutate("updateCustomer", by={"id": made["id"]}, patch={"name": "Ada"})

    wrong = await admin.mutate("eraseCustomer", by={"id": made["id"]}, confirmExternalId="ada")
    outcome = await admin.mutate(
        "eraseCustomer", by={"id": made["id"]}, confirmExternalId=PERSON["externalId"], idempotencyKey="key"
    )
    again = await admin.mutate(
        "eraseCustomer", by={"id": made["id"]}, confirmExternalId=PERSON["externalId"], idempotencyKey="key"
    )

    assert [error["path"] for error in wrong["fieldErrors"]] == [["confirmExternalId"]]
    erased = outcome["customer"]
    assert (erased["status"], erased["externalId"], erased["metadata"]) == ("DELETED", made["id"], {})
    assert {erased[name] for name in PERSON if name not in ("externalId", "metadata")} == {None}
    assert (erased["id"], erased["createdAt"], erased["version"]) == (made["id"], made["createdAt"], 3)
    assert (erased["parentCustomerId"], erased["integrations"]) == (parent["id"], [link])
    receipt = outcome["receipt"]
    assert set(receipt["fields"]) == {*PERSON, "timezone"}
    assert (receipt["customerId"], receipt["redactedEvents"]) == (made["id"], 2)
    assert receipt["erasedAt"] == erased["updatedAt"]
    assert (again["replayed"], again["receipt"]) == (True, receipt)


async def test_erasing_needs_admin(api: Api) -> None:
    await api.created(externalId="acme")

    response = await api.post(
        'mutation { eraseCustomer(by: {externalId: "acme"}, confirmExternalId: "acme") { __typename } }'
    )

    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_no_value_of_the_person_is_left_in_the_file_or_the_dump(own_database: str, tmp_path: Path) -> None:
    async with served(database_url=own_database) as api:
        made = await api.created("signup-ada.lovelace@example.com", **PERSON)
        await api.mutate(
            "updateCustomer", by={"id": made["id"]}, patch={"metadataPatch": {"second-engine": "differential"}}
        )
        before = kept(own_database, tmp_path)
        admin = await api.acting(*Scope)
        await admin.mutate("eraseCustomer", by={"id": made["id"]}, confirmExternalId=PERSON["externalId"])
        after = kept(own_database, tmp_path)

    values = [
        *(str(v) for k, v in PERSON.items() if k != "metadata"),
        "favourite-engine",
        "analytical-difference",
        "differential",
    ]
    assert [value for value in values if needle(value) not in before] == []
    assert [value for value in [*values, *map(str.casefold, values)] if needle(value) in after] == []


def needle(value: str) -> bytes:
    return value.encode()


def kept(url: str, tmp_path: Path) -> bytes:
    """All that the database holds, as bytes: the file with its log, or a dump."""
    if url.startswith("sqlite"):
        return b"".join(file.read_bytes() for file in sorted(tmp_path.glob("billfolk.db*")))
    done = subprocess.run([program("pg_dump"), url], capture_output=True, timeout=60, check=True)  # noqa: S603
    return done.stdout
