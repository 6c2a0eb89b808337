"""What stands in fuzzed documents: literals of every input type, most of them right, half of them of what exists."""

import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    NameNode,
    ObjectFieldNode,
    ValueNode,
    get_nullable_type,
    is_required_input_field,
)
from hypothesis import strategies as st
from schemathesis.graphql import nodes

Literals = st.SearchStrategy[ValueNode]

NULL: Literals = st.just(nodes.Null)
# What a made-up text hardly ever is.
MEANT = {
    "email": ["ada@example.com", "ada@", "Ada <ada@example.com>"],
    "addressCountry": ["DE", "de", "Germany"],
    "timezone": ["Europe/Berlin", "berlin"],
    "scopes": ["customers:read", "admin", "all"],
}


def scalars(ids: Sequence[str], external_ids: Sequence[str]) -> dict[str, Literals]:
    """The literals of each scalar."""
    words = st.text(string.ascii_letters, min_size=1, max_size=8)
    texts = st.text() | st.text(string.printable) | st.text(min_size=200, max_size=520)
    # By far the most are good: an input of twelve must be accepted now and then.
    strings = st.one_of(st.sampled_from(external_ids), words, words, words, texts).map(nodes.String)
    minutes = st.integers(-23 * 60, 23 * 60).map(lambda offset: timezone(timedelta(minutes=offset)))
    instants = st.datetimes(timezones=minutes | st.just(UTC)).map(datetime.isoformat)
    names = st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,50}", fullmatch=True)
    others = st.integers().map(nodes.Int) | st.booleans().map(nodes.Boolean) | NULL
    others |= st.lists(strings | others, max_size=3).map(nodes.List)
    return {
        "ID": (st.sampled_from(ids) | st.sampled_from(ids) | texts).map(nodes.String) | st.integers().map(nodes.Int),
        "String": strings,
        "Int": (st.integers(1, 100) | st.integers(-(2**31), 2**31 - 1)).map(nodes.Int),
        "Boolean": st.booleans().map(nodes.Boolean),
        "DateTime": st.one_of(instants, instants, texts).map(nodes.String),
        "Metadata": objects(words, strings, 3) | objects(names, strings | others, 60) | others,
        "MetadataPatch": objects(words, strings | NULL, 3) | objects(names, strings | others, 60) | others,
    }


def literal(type: GraphQLInputType, scalars: Mapping[str, Literals]) -> Literals:
    """Of an input that is `@oneOf`, exactly one field."""
    match type:
        case GraphQLNonNull():
            return literal(type.of_type, scalars)
        case GraphQLList():
            return st.lists(literal(type.of_type, scalars), max_size=3).map(nodes.List)
        case GraphQLEnumType():
            return st.sampled_from(sorted(type.values)).map(nodes.Enum)
        case GraphQLInputObjectType():
            return _input(type, scalars)
    return scalars[type.name]


def _input(type: GraphQLInputObjectType, scalars: Mapping[str, Literals]) -> Literals:
    required: dict[str, Literals] = {}
    optional: dict[str, Literals] = {}
    for name, field in type.fields.items():
        values = literal(get_nullable_type(field.type), scalars)
        if name in MEANT:
            values = st.sampled_from(MEANT[name]).map(nodes.String) | values
        if is_required_input_field(field):
            required[name] = values
        else:
            optional[name] = values if type.is_one_of else values | NULL
    if type.is_one_of:
        return st.one_of([st.fixed_dictionaries({name: values}).map(of_fields) for name, values in optional.items()])
    return st.fixed_dictionaries(required, optional=optional).map(of_fields)


def objects(names: st.SearchStrategy[str], values: Literals, most: int) -> Literals:
    return st.dictionaries(names, values, max_size=most).map(of_fields)


def of_fields(fields: Mapping[str, ValueNode]) -> ValueNode:
    literal: ValueNode = nodes.Object(
        [ObjectFieldNode(name=NameNode(value=name), value=value) for name, value in fields.items()]
    )
    return literal
