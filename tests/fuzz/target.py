"""Who is fuzzed: a tenant with customers of every kind, and its neighbour, of whom nothing may be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import httpx2 as httpx

from tests.api import CUSTOMER, mutation
from tests.fuzz.documents import Request
from tests.server import PATIENCE, Server, run

STATUSES = "PUBLISHED, ARCHIVED, DELETED"
EVERYBODY = f"{{ customers(first: 100, filter: {{status: {{in: [{STATUSES}]}}}}) {{ nodes {{ {CUSTOMER} }} }} }}"


@dataclass
class Tenant:
    """A tenant with a key that may do everything."""

    server: Server
    name: str = field(default_factory=lambda: f"tenant-{token_hex(8)}")
    client: httpx.Client = field(init=False)

    def __enter__(self) -> "Tenant":
        new = ("--tenant", self.name, "--environment", "live", "--scopes", "customers:read,customers:write,admin")
        made = run("keys", "create", *new, BILLFOLK_DATABASE_URL=self.server.database_url)
        self.client = httpx.Client(
            base_url=self.server.url,
            headers={
                "authorization": f"Bearer {made.stdout.strip()}",
                "accept": "application/graphql-response+json",
            },
            timeout=PATIENCE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, request: Request) -> httpx.Response:
        return self.client.post("/graphql", json={"query": request.query, "variables": request.variables})

    def mutate(self, name: str, **arguments: Any) -> Any:
        return self.ask(Request(mutation(name), arguments)).json()["data"][name]["customer"]

    def everybody(self) -> list[Mapping[str, Any]]:
        return list(self.ask(Request(EVERYBODY)).json()["data"]["customers"]["nodes"])

    def populate(self, size: int) -> None:
        """A tree of customers with every field; of six, two are archived and one is erased."""
        names = [f"{self.name}-{number}" for number in range(size)]
        for number, name in enumerate(names):
            input = {
                "externalId": name,
                "name": f"name {name}",
                "email": f"{name}@example.com",
                "metadata": {"key": f"value {name}"},
                "parentCustomerExternalId": names[(number - 1) // 3] if number else None,
                "integrationEntityMapping": [{"provider": "STRIPE", "id": f"cus_{name}"}],
            }
            self.mutate("createCustomer", input=input)
        for name in names[1::3]:
            self.mutate("archiveCustomer", by={"externalId": name})
        for name in names[2::6]:
            self.mutate("eraseCustomer", by={"externalId": name}, confirmExternalId=name)
