"""What is asked of each contender: one customer created, 13 of the input's 16 fields said and 19 fields answered."""

import re
from collections.abc import Iterator
from functools import cache

import orjson

from tests.benchmarks import load
from tests.benchmarks.measuring import Requests, Task

SELECTION = """
    id externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode addressCountry
    timezone metadata environmentId tenantId status version createdAt updatedAt
"""
SHOWN = SELECTION.split()

MUTATION = f"""mutation Create($input: CreateCustomerInput!) {{
  createCustomer(input: $input) {{
    __typename
    ... on CreateCustomerSuccess {{ customer {{ {SELECTION} }} }}
    ... on Error {{ code message path }}
  }}
}}"""

# In the place of the name that makes each request another: as long as all of them are.
NAME = "customer-00000000-00000000"


def input(name: str) -> dict[str, object]:
    return {
        "externalId": name,
        "name": "Ada Lovelace & Söhne GmbH",
        "email": f"{name}@customers.example",
        "contact": "+49 30 1234567",
        "addressLine1": "Invalidenstraße 116",
        "addressLine2": "Hinterhaus, 3. OG",
        "addressCity": "Berlin",
        "addressState": "Berlin",
        "addressPostalCode": "10115",
        "addressCountry": "DE",
        "timezone": "Europe/Berlin",
        "metadata": {"plan": "pro", "crm": "4711"},
        "skipOnboardingWorkflow": False,
    }


@cache
def snake(name: str) -> str:
    """The model's name of an input's field."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _each(path: str, body: object) -> Requests:
    """The same request again and again, each with a name that no other has."""

    def requests(url: str, secret: str, round: int) -> Iterator[bytes]:
        template = load.post(f"{url}{path}", orjson.dumps(body), {"authorization": f"Bearer {secret}"})
        for number in range(100_000_000):
            yield template.replace(NAME.encode(), f"customer-{round:08}-{number:08}".encode())

    return requests


def judged(answer: bytes) -> str:
    """What became of a create."""
    if answer.startswith(b"HTTP/1.1 200") and b'"id":"cust_' in answer and b'"errors"' not in answer:
        return "created"
    return "failed"


CREATE = Task(
    "create",
    _each("/graphql", {"query": MUTATION, "variables": {"input": input(NAME)}}),
    _each("/customers", {"input": input(NAME)}),
    judged,
    good={"created"},
)
