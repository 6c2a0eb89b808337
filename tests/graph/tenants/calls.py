"""Calls of every field that takes arguments, with something tried at every place of them that holds an id or a text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_required_argument,
    is_required_input_field,
)

from graph.schema import schema
from tests.api import CUSTOMER, outcome

Place = tuple[str, ...]

PAGE = f"totalCount pageInfo {{ hasNextPage hasPreviousPage }} nodes {{ {CUSTOMER} }}"
EVENTS = "totalCount nodes { id type actorId changes { field before after } }"
ALL = f"{CUSTOMER} children {{ {PAGE} }} ancestors {{ {CUSTOMER} }} descendantCount events {{ {EVENTS} }}"

# All there is to see of what a field answers; of a mutation, `outcome` knows it.
SEEN = {
    "Query.customer": ALL,
    "Query.customers": PAGE,
    "Query.node": f"id ... on Customer {{ {ALL} }}",
    "Query.nodes": f"id ... on Customer {{ {ALL} }}",
    "Query.viewer": "id tenantId environmentId scopes",
    "Query.apiKeys": "id scopes createdBy createdAt expiresAt revokedAt",
    "Customer.children": PAGE,
    "Customer.events": EVENTS,
}
# How a type that has such fields is reached.
WAYS = {
    "Query": "query(%s) { %s }",
    "Mutation": "mutation(%s) { %s }",
    "Customer": 'query(%s) { customer(by: {externalId: "own"}) { %s } }',
}
# What can be tried at all: as a text, or as the value of a pair.
TEXTS = ("ID", "String")
PAIRS = ("Metadata", "MetadataPatch")
HARMLESS = {"Int": 1, "Boolean": True, "DateTime": "2027-01-31T12:00:00Z"}


@dataclass(frozen=True)
class Field:
    """A field of the schema, by its type and name."""

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}.{self.name}"

    @property
    def definition(self) -> GraphQLField:
        type_ = schema._schema.type_map[self.type]
        assert isinstance(type_, GraphQLObjectType)
        fields: dict[str, GraphQLField] = type_.fields
        return fields[self.name]

    def places(self) -> list[tuple[Place, str]]:
        """Where an id or a text can stand in the arguments, with its type's name; nowhere is a place, too."""
        found = [place for name, of in self.definition.args.items() for place in _places(of.type, (name,))]
        return found or [((), "")]

    def needs(self, place: Place) -> bool:
        """Whether something else that identifies is needed, beside what is tried there."""
        own = self.arguments(place, "", {"ID": "own", "String": "own"})
        return own != self.arguments(place, "", {"ID": "theirs", "String": "theirs"})

    def document(self, arguments: Mapping[str, Any]) -> str:
        """The call with those arguments, as variables."""
        args = self.definition.args
        declared = ", ".join(f"${name}: {args[name].type}" for name in arguments)
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        seen = outcome(self.name) if self.type == "Mutation" else SEEN[str(self)]
        call = f"{self.name}({passed}) {{ {seen} }}" if passed else f"{self.name} {{ {seen} }}"
        return (WAYS[self.type] % (declared, call)).replace("()", "")

    def arguments(self, place: Place, tried: str, rest: Mapping[str, str]) -> dict[str, Any]:
        """Those that are needed, and the one that holds what is tried."""
        needed = {name for name, of in self.definition.args.items() if is_required_argument(of)} | {*place[:1]}
        return {
            name: _value(of.type, (name,), place if place[:1] == (name,) else (), tried, rest)
            for name, of in self.definition.args.items()
            if name in needed
        }


def fields() -> list[Field]:
    """Every operation, and every other field that takes arguments."""
    return [
        Field(type_.name, name)
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if field.args or type_.name in ("Query", "Mutation")
    ]


def _places(type_: Any, at: Place) -> Iterator[tuple[Place, str]]:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from _places(field.type, (*at, name))
    elif not isinstance(named, GraphQLEnumType) and named.name not in HARMLESS:
        assert named.name in TEXTS + PAIRS, f"what could be tried as {named.name}?"
        yield at, named.name


def _value(type_: Any, at: Place, place: Place, tried: str, rest: Mapping[str, str]) -> Any:
    type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLList):
        return [_value(type_.of_type, at, place, tried, rest)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if not isinstance(type_, GraphQLInputObjectType):
        if type_.name in HARMLESS:
            return HARMLESS[type_.name]
        text = tried if at == place else _of(rest, at, type_.name)
        return {"secret": text} if type_.name in PAIRS else text
    chosen = {*place[len(at) : len(at) + 1]}
    if not type_.is_one_of:
        chosen |= {name for name, field in type_.fields.items() if is_required_input_field(field)}
    return {
        name: _value(type_.fields[name].type, (*at, name), place if name in place else (), tried, rest)
        for name in chosen or {next(iter(type_.fields))}
    }


def _of(rest: Mapping[str, str], at: Place, type_name: str) -> str:
    """What stands where nothing is tried: by its place, or else by its type."""
    return rest.get(".".join(at)) or rest.get(at[-1]) or rest.get(type_name, "own")
