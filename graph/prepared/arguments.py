"""Arguments, read as graphql-core does it, and converted as Strawberry does it to what resolvers take."""

from collections.abc import Callable
from dataclasses import MISSING
from typing import Any, TypeAlias

import strawberry
from graphql import FieldNode, GraphQLArgument, GraphQLField, Undefined, ValueNode, VariableNode, is_required_argument
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry import UNSET
from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from graph.prepared.declining import Unpreparable
from graph.prepared.variables import accepted

Convert: TypeAlias = Callable[[Any], Any]
Arguments: TypeAlias = Callable[[VariableValues], dict[str, Any]]


class Converting:
    """What converts values to the inputs of one schema: made when it is first needed, and kept."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._names = schema.config.name_converter
        self._scalars = schema.schema_converter.scalar_registry
        self._known: dict[type, Convert | None] = {}

    def arguments(self, definition: GraphQLField, field: StrawberryField, node: FieldNode) -> Arguments:
        """What reads a field's arguments from the document and the variables, by their names in Python."""
        nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
        named = {self._names.from_argument(argument): argument for argument in field.arguments}
        taken = [
            (argument.python_name, _reading(definition.args[name], nodes.get(name)), self._converting(argument.type))
            for name, argument in named.items()
        ]

        def arguments(variables: VariableValues) -> dict[str, Any]:
            given = {}
            for name, read, convert in taken:
                value = read(variables)
                if value is not Undefined:
                    given[name] = convert(value) if convert else value
            return given

        return arguments

    def _converting(self, type_: Any) -> Convert | None:
        """What `strawberry.types.arguments.convert_argument` does with values of a type; None when that is nothing."""
        if isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
            raise Unpreparable
        if isinstance(type_, StrawberryOptional):
            return self._converting(type_.of_type)
        if isinstance(type_, LazyType):
            return self._converting(type_.resolve_type())
        if isinstance(type_, StrawberryList):
            return _converting_list(self._converting(type_.of_type))
        if is_scalar(type_, self._scalars) or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
            return None
        if type_ not in self._known:
            self._known[type_] = None
            self._known[type_] = self._converting_object(type_)
        known = self._known[type_]
        if known is None:  # it holds itself
            raise Unpreparable
        return known

    def _converting_object(self, class_: type) -> Convert:
        definition = get_object_definition(class_)
        if definition is None or not definition.is_input or definition.from_input is not None:
            raise Unpreparable
        fields: dict[str, tuple[str, Convert | None]] = {}
        absent: dict[str, None] = {}
        for field in definition.fields:
            convert = self._converting(field.resolve_type(type_definition=definition))
            fields[self._names.from_field(field)] = (field.python_name, convert)
            if field.default_value is MISSING and field.default_factory is MISSING:
                absent[field.python_name] = None

        def convert_object(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            given: dict[str, Any] = {**absent}
            for name, item in value.items():
                python_name, convert = fields[name]
                given[python_name] = convert(item) if convert else item
            return class_(**given)

        return convert_object


def _converting_list(convert_item: Convert | None) -> Convert:
    def convert(value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        return [convert_item(item) for item in value] if convert_item else list(value)

    return convert


def _reading(argument: GraphQLArgument, node: ValueNode | None) -> Callable[[VariableValues], Any]:
    """What finds an argument's value: `Undefined` when there is none."""
    is_required = is_required_argument(argument)

    def default(_variables: VariableValues) -> Any:
        return coerce_default_value(argument)

    def read(variables: VariableValues) -> Any:
        if isinstance(node, VariableNode) and node.name.value not in variables.coerced and not is_required:
            return default(variables)
        return accepted(coerce_input_literal(node, argument.type, variables))  # type: ignore[arg-type]  # it is given

    if node is None and is_required:
        raise Unpreparable
    return default if node is None else read
