"""What the schema says of scopes is what is asked for."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from app.identity import Scope
from graph.schema import schema
from tests.api import Api

pytestmark = pytest.mark.anyio

ROOTS = ("Query", "Mutation")
SAID = re.compile(r"Needs (?:the scope `([a-z:]+)`|no scope)\.$")
STORED = 'mutation { upsertCustomer(input: {externalId: "acme"}) { ... on UpsertCustomerSuccess { customer { %s } } } }'

# How a type whose fields are computed is reached, and the scopes that this takes.
WAYS: dict[str, tuple[str, set[Scope]]] = {
    "Query": ("{ %s }", set()),
    "Mutation": ("mutation { %s }", set()),
    "Customer": (STORED, {Scope.WRITE}),
    "CustomerConnection": ("{ customers { %s } }", {Scope.READ}),
    "CustomerEventConnection": (STORED % "events { %s }", {Scope.READ, Scope.WRITE}),
    "PageInfo": ("{ customers { pageInfo { %s } } }", {Scope.READ}),
}


def computed() -> list[tuple[str, str]]:
    """Every field that does something: the others show what is there already."""
    return [
        (type_.name, name)
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if type_.name in ROOTS or field.extensions["strawberry-definition"].base_resolver
    ]


def definition(type_: str, field: str) -> GraphQLField:
    found = schema._schema.type_map[type_]
    assert isinstance(found, GraphQLObjectType)
    fields: dict[str, GraphQLField] = found.fields
    return fields[field]


def literal(type_: Any) -> str:
    """Something of that type; nobody looks at it before the scope."""
    type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLList):
        return f"[{literal(type_.of_type)}]"
    if isinstance(type_, GraphQLEnumType):
        return str(next(iter(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        fields = list(type_.fields.items())
        needed = fields[:1] if type_.is_one_of else [item for item in fields if is_required_input_field(item[1])]
        return f"{{{', '.join(f'{name}: {literal(field.type)}' for name, field in needed)}}}"
    return {"Int": "1", "Boolean": "true"}.get(type_.name, '"x"')


def call(name: str, field: GraphQLField) -> str:
    needed = [f"{name}: {literal(of.type)}" for name, of in field.args.items() if is_required_argument(of)]
    arguments = f"({', '.join(needed)})" if needed else ""
    return f"{name}{arguments}{'' if is_leaf_type(get_named_type(field.type)) else ' { __typename }'}"


@pytest.mark.parametrize(("type_", "field"), computed())
async def test_a_field_says_the_scope_that_it_needs(api: Api, type_: str, field: str) -> None:
    assert type_ in WAYS, "no way leads to this type: write one"
    way, on_the_way = WAYS[type_]
    document = way % call(field, definition(type_, field))

    async def forbidden(scopes: set[Scope]) -> list[str]:
        errors = (await (await api.acting(*scopes)).post(document)).json().get("errors", [])
        return [error["path"][-1] for error in errors if error["extensions"]["code"] == "FORBIDDEN"]

    everything = {*Scope}
    assert await forbidden(everything) == []
    needed = {scope for scope in everything - on_the_way if field in await forbidden(everything - {scope})}

    said = SAID.search(definition(type_, field).description or "")
    assert {said[1]} - {None} - on_the_way == needed if said else needed == set()
    assert said or type_ not in ROOTS, "an operation says which scope it needs, or that it needs none"


def test_a_record_that_is_met_says_who_may_see_it() -> None:
    members = {
        f"{member.name}.{name}": field.description
        for union in schema._schema.type_map.values()
        if isinstance(union, GraphQLUnionType)
        for member in union.types
        for name, field in member.fields.items()
        if str(field.type) == "Customer"
    }
    assert members

    silent = [name for name, said in members.items() if "null without the scope `customers:read`" not in (said or "")]
    assert silent == []
