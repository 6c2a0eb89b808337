"""How a field is weighed: what it costs itself, and how many items it has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

from graph.limits.cost.amounts import Amount, first_of
from graph.limits.cost.arguments import amount_of, length, number

Items: TypeAlias = Callable[[FieldNode], Amount]


@dataclass(frozen=True, slots=True)
class Weight:
    """`own` for the field, and `each` for each of its items, beside what is selected of them.

    `items` tells how many there are, if there can be more than one; `of` names the fields below that have so many,
    where the field itself is no list. `given` is what arguments cost when they are not null, by their paths.
    """

    own: int = 1
    each: int = 0
    items: Items | None = None
    of: frozenset[str] = frozenset()
    given: Mapping[tuple[str, ...], int] = field(default_factory=dict)


# By the field's coordinate: `Query.customers`.
Weights: TypeAlias = Mapping[str, Weight]


def assumed(size: float) -> Items:
    """So many, whatever was asked for."""
    return lambda _: size


def as_many_as(argument: str) -> Items:
    """As many items as a list has that is sent."""
    return lambda node: amount_of(node, (argument,), length)


def page(usual: int, most: int) -> Items:
    """As many items as `first` or `last` ask for."""
    return lambda node: first_of([amount_of(node, (name,), number(most)) for name in ("first", "last")], usual)


LIGHT = Weight()

# As much larger than the mean as the type may be that is asked for.
TYPE_BY_NAME = 20


def of_introspection(schema: GraphQLSchema) -> Weights:
    """The lists in the schema's description of itself, at their mean lengths; one type by name, as several."""
    types = list(schema.type_map.values())
    objects = [one for one in types if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)]
    inputs = [one for one in types if isinstance(one, GraphQLInputObjectType)]
    fields = [field for one in objects for field in one.fields.values()]
    possible = [schema.get_possible_types(one) for one in types if is_abstract_type(one)]
    sizes = {
        "Query.__type": TYPE_BY_NAME,
        "__Schema.types": len(types),
        "__Schema.directives": len(schema.directives),
        "__Directive.args": 1,
        "__Type.fields": len(fields) / len(types),
        "__Field.args": sum(len(field.args) for field in fields) / len(fields),
        "__Type.inputFields": sum(len(one.fields) for one in inputs) / len(types),
        "__Type.enumValues": sum(len(one.values) for one in types if isinstance(one, GraphQLEnumType)) / len(types),
        "__Type.possibleTypes": sum(map(len, possible)) / len(types),
        "__Type.interfaces": sum(len(one.interfaces) for one in objects) / len(types),
        "__Type.ofType": 0.5,  # most are not wrapped, or once
    }
    return {coordinate: Weight(items=assumed(size)) for coordinate, size in sizes.items()}
