"""From resolved values to the answer's: chosen by a value's Python type, made once for each that occurs."""

from collections.abc import Callable
from types import CoroutineType, GeneratorType, NoneType
from typing import Any, NoReturn, TypeAlias

from graphql import (
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_nullable_type,
    is_leaf_type,
)
from graphql.pyutils import Path, UndefinedType
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from graph.prepared.declining import Declined
from graph.prepared.running import Complete, Place, Run
from graph.prepared.variables import AS_THEY_ARE

Serialize: TypeAlias = Callable[[Any], Any]
Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
# What graphql-core awaits or raises, or takes for null.
UNUSUAL = (CoroutineType, GeneratorType, Exception, UndefinedType)


class Completing(dict[type, Complete]):
    """How values of a type in the schema are completed, by their Python type.

    `selected` completes objects of one type with what the field selects of them.
    """

    def __init__(self, schema: GraphQLSchema, type_: Any, selected: Callable[[GraphQLObjectType], Complete]) -> None:
        self._schema = schema
        self._is_required = isinstance(type_, GraphQLNonNull)
        self._type = get_nullable_type(type_)
        self._selected = selected
        self._items = Completing(schema, self._type.of_type, selected) if isinstance(self._type, GraphQLList) else None

    def __missing__(self, kind: type) -> Complete:
        self[kind] = complete = self._made(kind)
        return complete

    def _made(self, kind: type) -> Complete:
        if kind is NoneType:
            if self._is_required:
                raise Declined
            return as_it_is
        if issubclass(kind, UNUSUAL) or hasattr(kind, "__await__"):
            raise Declined
        if self._items is not None:
            if kind is not list and kind is not tuple:
                raise Declined
            return _each(self._items)
        if not is_leaf_type(self._type):
            return self._selected(_type_of(self._schema, self._type, kind))
        return as_it_is if AS_THEY_ARE.get(self._type) is kind else _leaf(_serializing(self._type, kind))

    def serializing(self, kind: type) -> Serialize | None:
        """The same of leaves, for many at once: what makes JSON of a value; None, when it is as it should be."""
        return None if self[kind] is as_it_is else _serializing(self._type, kind)


class Leaves(dict[Any, Completing]):
    """How leaves and lists of them are completed, by their type in the schema: the same in all documents."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def __missing__(self, type_: Any) -> Completing:
        self[type_] = completing = Completing(self._schema, type_, _nothing)
        return completing


def _nothing(type_: GraphQLObjectType) -> NoReturn:
    raise TypeError(f"{type_} is no leaf")


def as_it_is(value: Any, _run: Run, _place: Place) -> Any:
    return value


def _each(items: Completing) -> Complete:
    def complete(value: Any, run: Run, place: Place) -> Any:
        path = Path(*place)
        return [items[type(item)](item, run, (path, index, None)) for index, item in enumerate(value)]

    return complete


def _leaf(serialize: Serialize) -> Complete:
    def complete(value: Any, _run: Run, _place: Place) -> Any:
        return checked(serialize(value))

    return complete


def checked(serialized: Any) -> Any:
    if serialized is None or serialized is Undefined:
        raise Declined
    return serialized


def _serializing(type_: GraphQLLeafType, kind: type) -> Serialize:
    if isinstance(type_, CustomGraphQLEnumType):
        values = (*type_.wrapped_cls, *(value.value for value in type_.values.values()))
        return {value: type_.coerce_output_value(value) for value in values if type(value) is kind}.__getitem__
    return type_.coerce_output_value


def _type_of(schema: GraphQLSchema, type_: Composite, kind: type) -> GraphQLObjectType:
    """The type in the schema of objects of a Python type."""
    if isinstance(type_, GraphQLObjectType) and type_.is_type_of is None:
        return type_
    definition = get_object_definition(kind)
    for possible in [type_] if isinstance(type_, GraphQLObjectType) else schema.get_possible_types(type_):
        known: StrawberryObjectDefinition | None = possible.extensions.get(DEFINITION)
        if known is not None and known is definition and _is_told_by_class(known, possible):
            return possible
    raise Declined


def _is_told_by_class(definition: StrawberryObjectDefinition, type_: GraphQLObjectType) -> bool:
    return (
        definition.is_type_of is None
        and definition.concrete_of is None
        and not definition.is_graphql_generic
        and definition.name == type_.name
        and all(interface.resolve_type is None for interface in definition.interfaces)
    )
