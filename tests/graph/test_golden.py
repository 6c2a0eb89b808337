"""The contract of errors as one picture: the answer to a request in which every field is wrong."""

import json
from pathlib import Path

import pytest

from tests.api import CREATE, Api

GOLDEN = Path(__file__).with_name("golden")

EVERY_FIELD_WRONG = {
    "externalId": " acme",
    "name": "n" * 256,
    "email": "John <john@example.com>",
    "contact": "1" * 21,
    "addressLine1": "line\u0000one",
    "addressLine2": "2" * 256,
    "addressCity": "c" * 101,
    "addressState": "\ud800",
    "addressPostalCode": "p" * 21,
    "addressCountry": "UK",
    "timezone": "europe/berlin",
    "metadata": {"": "no name", "tier_level": 1, "tab\tbed": "x", "note": "v" * 501, "fine": "kept"},
    "parentCustomerId": "cust_\u0007",
    "parentCustomerExternalId": "a\u007fb",
    "integrationEntityMapping": [
        {"provider": "STRIPE", "id": ""},
        {"provider": "PAYPAL", "id": "p" * 256},
        {"provider": "STRIPE", "id": "again"},
    ],
}


@pytest.mark.anyio
async def test_the_whole_answer_to_a_request_in_which_every_field_is_wrong(api: Api) -> None:
    response = await api.post(CREATE, {"input": EVERY_FIELD_WRONG, "idempotencyKey": "k\u00e9y"})

    assert response.status_code == 200
    assert response.json() == json.loads((GOLDEN / "every_field_wrong.json").read_text("utf-8"))
