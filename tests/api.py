"""A client of the API: what tests see of Billfolk, they see through it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from secrets import token_hex
from typing import Any

import httpx2 as httpx
from graphql import (
    GraphQLField,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)

from app import identity
from app.database import Database
from app.identity import DEFAULT_SCOPES, Scope
from graph.schema import schema

CUSTOMER = """
  id externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode addressCountry
  timezone metadata parentCustomerId environmentId tenantId status version createdAt updatedAt createdBy updatedBy
  parent { id externalId } integrations { provider id }
"""

FIELD_ERROR = """
  code message path constraint {
    __typename
    ... on LengthConstraint { minLength maxLength actualLength }
    ... on CountConstraint { minItems maxItems actualItems }
    ... on FormatConstraint { format }
    ... on ChoiceConstraint { allowed suggestion }
    ... on ExclusiveConstraint { conflictsWith }
  }
"""


def outcome(name: str) -> str:
    """The selection of everything in every member of a mutation's union."""
    mutations = schema._schema.mutation_type
    assert mutations
    union = mutations.fields[name].type
    assert isinstance(union, GraphQLUnionType)
    members = (f"... on {member.name} {{ {' '.join(map(selected, member.fields.items()))} }}" for member in union.types)
    return f"__typename {' '.join(members)}"


def selected(field: tuple[str, GraphQLField]) -> str:
    name, definition = field
    if is_leaf_type(get_named_type(definition.type)):
        return name
    inside = {
        "customer": CUSTOMER,
        "current": CUSTOMER,
        "existing": "id externalId",
        "fieldErrors": FIELD_ERROR,
        "receipt": "customerId erasedAt erasedBy fields redactedEvents",
        "apiKey": "id",
    }
    if name == "results":
        return f"results {{ index result {{ {outcome('createCustomer')} }} }}"
    return f"{name} {{ {inside[name]} }}"


@cache
def mutation(name: str) -> str:
    """A document that takes every argument of a mutation as a variable, and selects everything."""
    mutations = schema._schema.mutation_type
    assert mutations
    arguments = mutations.fields[name].args
    declared = ", ".join(
        f"${argument}: {of.type}" if is_required_argument(of) else f"${argument}: {get_nullable_type(of.type)}"
        for argument, of in arguments.items()
    )
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    return f"mutation({declared}) {{ {name}({passed}) {{ {outcome(name)} }} }}"


CREATE = mutation("createCustomer")

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

    async def mutate(self, name: str, /, **arguments: Any) -> Any:
        """The outcome of any mutation: the union's member."""
        return (await self.execute(mutation(name), arguments))[name]

    async def create(self, idempotency_key: str | None = None, /, **input: Any) -> Any:
        """createCustomer's outcome: the union's member."""
        return await self.mutate("createCustomer", input=input, idempotencyKey=idempotency_key)

    async def created(self, idempotency_key: str | None = None, /, **input: Any) -> Any:
        """The customer, which must have been created."""
        outcome = await self.create(idempotency_key, **input)
        assert outcome["__typename"] == "CreateCustomerSuccess", outcome
        return outcome["customer"]

    async def find(self, **by: Any) -> Any:
        return (await self.execute(FIND, {"by": by}))["customer"]
