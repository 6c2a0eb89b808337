"""A client of the API: what tests see of Billfolk, they see through it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import httpx2 as httpx

from app import identity
from app.database import Database
from app.identity import DEFAULT_SCOPES, Scope

CUSTOMER = """
  id externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode addressCountry
  timezone metadata parentCustomerId environmentId tenantId status version createdAt updatedAt createdBy updatedBy
  parent { id externalId } integrations { provider id }
"""

ERROR = """
  __typename
  ... on Error { code message path }
  ... on ValidationErrors { fieldErrors { code message path constraint {
    __typename
    ... on LengthConstraint { minLength maxLength actualLength }
    ... on CountConstraint { minItems maxItems actualItems }
    ... on FormatConstraint { format }
    ... on ChoiceConstraint { allowed suggestion }
    ... on ExclusiveConstraint { conflictsWith }
  } } }
"""

CREATE = f"""
mutation Create($input: CreateCustomerInput!, $key: String) {{
  createCustomer(input: $input, idempotencyKey: $key) {{
    {ERROR}
    ... on CreateCustomerSuccess {{ replayed customer {{ {CUSTOMER} }} }}
    ... on ExternalIdTaken {{ existing {{ id externalId }} }}
    ... on IntegrationTaken {{ provider id existing {{ id externalId }} }}
  }}
}}
"""

FIND = f"query Find($by: CustomerBy!) {{ customer(by: $by) {{ {CUSTOMER} }} }}"


@dataclass
class Api:
    """One tenant's access, by its own key. A top-level error that a test did not ask for fails it."""

    client: httpx.AsyncClient
    database: Database
    tenant: str = field(default_factory=lambda: f"tenant-{token_hex(6)}")
    environment: str = "sandbox"
    secret: str = ""

    async def key(self, *scopes: Scope, **other: Any) -> str:
        """Another key of this tenant and environment."""
        new = identity.NewKey(self.tenant, self.environment, frozenset(scopes) or DEFAULT_SCOPES, **other)
        return (await self.database.write(new)).secret

    async def acting(self, *scopes: Scope) -> "Api":
        """This tenant again, with a key of these scopes."""
        return Api(self.client, self.database, self.tenant, self.environment, await self.key(*scopes))

    async def post(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        # Escaped, so that half of a surrogate pair can be sent too.
        body = json.dumps({"query": query, "variables": dict(variables or {})})
        headers = {"authorization": f"Bearer {self.secret}", "content-type": "application/json"}
        return await self.client.post("/graphql", content=body, headers=headers)

    async def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data."""
        response = await self.post(query, variables)
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        assert response.status_code == 200
        return answer["data"]

    async def refused(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The one top-level error, which was expected."""
        [error] = (await self.post(query, variables)).json()["errors"]
        return error

    async def create(self, idempotency_key: str | None = None, /, **input: Any) -> Any:
        """createCustomer's outcome: the union's member."""
        return (await self.execute(CREATE, {"input": input, "key": idempotency_key}))["createCustomer"]

    async def created(self, idempotency_key: str | None = None, /, **input: Any) -> Any:
        """The customer, which must have been created."""
        outcome = await self.create(idempotency_key, **input)
        assert outcome["__typename"] == "CreateCustomerSuccess", outcome
        return outcome["customer"]

    async def find(self, **by: Any) -> Any:
        return (await self.execute(FIND, {"by": by}))["customer"]
