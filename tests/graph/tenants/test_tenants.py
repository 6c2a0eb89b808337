"""Nobody reaches another tenant's records: to name one, anywhere, is to name what does not exist.

Each field is called twice, by two tenants that are alike: with identifiers of another tenant's records, and with
made-up ones of the same form. The answers must be the same, byte for byte, but for the identifiers themselves.
"""

import re
from collections.abc import Iterator

import pytest

from app.identity import Scope
from tests.api import CUSTOMER, Api
from tests.graph.tenants.calls import Field, Place, fields
from tests.graph.tenants.known import Known, made_up, stored_by

# Some hundred calls each.
pytestmark = [pytest.mark.anyio, pytest.mark.slow]

# What differs between any two tenants.
MADE = re.compile(r"\b(?:cust|key|evt)_[0-9A-Z]{26}\b|\bsk_[\w-]{43}|\d{4}-\d\d-\d\dT[\d:.]+Z|\btenant-[0-9a-f]{12}\b")
STATE = f"""{{
  customers(filter: {{status: {{in: [PUBLISHED, ARCHIVED]}}}}) {{ nodes {{ {CUSTOMER} }} }}
  apiKeys {{ id revokedAt }}
}}"""


class Attacker:
    """A tenant with a customer of its own, which tries what it knows of others."""

    def __init__(self, api: Api, known: Known) -> None:
        self.api = api
        self.known = known
        self.calls = 0
        self.own = ""

    async def try_(self, field: Field, place: Place, tried: str, *, all_theirs: bool) -> tuple[int, str]:
        """The answer. What is needed beside what is tried is the attacker's own, or of them as well."""
        self.calls += 1
        if not self.own or ("by" in field.definition.args and field.type == "Mutation"):
            stored = await self.api.mutate("upsertCustomer", input={"externalId": "own", "name": "Own"})
            self.own = stored["customer"]["id"]
        own = {"ID": self.own, "String": "own", "id": f"cus_{self.calls}", "input.externalId": f"new-{self.calls}"}
        own["inputs.externalId"] = own["input.externalId"]
        theirs = {"ID": self.known.ids[0], "String": self.known.external_ids[0], "id": self.known.provider_ids[0]}
        arguments = field.arguments(place, tried, theirs if all_theirs else own)
        response = await self.api.post(field.document(arguments), arguments)
        return response.status_code, self._without_names(response.text)

    def _without_names(self, text: str) -> str:
        for known in sorted(self.known.all(), key=len, reverse=True):
            text = text.replace(known, "<known>")
        return MADE.sub("<made>", text)


def attempts(field: Field, *knowns: Known) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Each place with each thing to try there: the same kind of each known."""
    for place, type_name in field.places():
        for tried in zip(*(known.of(place, type_name) for known in knowns), strict=True):
            yield place, tried


@pytest.mark.parametrize("field", fields(), ids=str)
async def test_another_tenants_record_is_one_that_does_not_exist(other: Api, field: Field) -> None:
    them = await other.acting(*Scope)
    real = await stored_by(them)
    guessed = made_up(real)
    before = await them.execute(STATE)
    knowing, guessing = [
        Attacker(await Api(other.client, other.database).acting(*Scope), known) for known in (real, guessed)
    ]

    for place, (one, other_one) in attempts(field, real, guessed):
        for all_theirs in (False, True) if field.needs(place) else (False,):
            answer = await knowing.try_(field, place, one, all_theirs=all_theirs)

            assert answer == await guessing.try_(field, place, other_one, all_theirs=all_theirs), (place, one)

    assert await them.execute(STATE) == before
