"""Variables, coerced from JSON as graphql-core does it, by functions that are made once for each type."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    get_nullable_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from graph.prepared.declining import Declined, Unpreparable

Coerce: TypeAlias = Callable[[Any], Any]
Variables: TypeAlias = Callable[[Mapping[str, Any]], VariableValues]

NONE = VariableValues({}, {})

# What values of these types are as JSON has them, on their way in and out.
AS_THEY_ARE: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class Coercing:
    """What coerces values of the types of one schema: made when it is first needed, and kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[GraphQLInputObjectType, Coerce | None] = {}

    def variables(self, operation: OperationDefinitionNode) -> Variables:
        """What coerces the variables of an operation."""
        declared = [self._declared(definition) for definition in operation.variable_definitions or ()]

        def coerce(inputs: Mapping[str, Any]) -> VariableValues:
            sources, coerced = {}, {}
            for signature, default, coerce_given in declared:
                name = signature.name
                value = inputs.get(name, Undefined)
                sources[name] = VariableValueSource(signature, value)
                if value is not Undefined:
                    coerced[name] = coerce_given(value)
                elif default:
                    # Anew each time: whoever gets it may change it.
                    coerced[name] = accepted(coerce_input_literal(default, signature.type))
                elif isinstance(signature.type, GraphQLNonNull):
                    raise Declined
            return VariableValues(sources, coerced)

        return coerce

    def _declared(
        self, definition: VariableDefinitionNode
    ) -> tuple[GraphQLVariableSignature, ValueNode | None, Coerce]:
        signature = get_variable_signature(self._schema, definition)
        if not isinstance(signature, GraphQLVariableSignature):
            raise Unpreparable
        return signature, definition.default_value, self._coercing(signature.type)

    def _coercing(self, type_: GraphQLInputType) -> Coerce:
        is_required = isinstance(type_, GraphQLNonNull)
        coerce_given = self._coercing_given(get_nullable_type(type_))

        def coerce(value: Any) -> Any:
            if value is not None:
                return accepted(coerce_given(value))
            if is_required:
                raise Declined
            return None

        return coerce

    def _coercing_given(self, type_: Any) -> Coerce:
        """The same, of a value that is not null."""
        if isinstance(type_, GraphQLList):
            return _coercing_list(self._coercing(type_.of_type))
        if not isinstance(type_, GraphQLInputObjectType):
            coerce: Coerce = type_.coerce_input_value
            return coerce
        if type_ not in self._known:
            self._known[type_] = None
            self._known[type_] = _coercing_object(type_, {n: self._coercing(f.type) for n, f in type_.fields.items()})
        known = self._known[type_]
        if known is None:  # it holds itself: graphql-core knows how deep it may be nested
            raise Unpreparable
        return known


def _coercing_list(coerce_item: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if type(value) is not list:
            raise Declined
        return [coerce_item(item) for item in value]

    return coerce


def _coercing_object(type_: GraphQLInputObjectType, coercing: Mapping[str, Coerce]) -> Coerce:
    is_one_of, out_type = type_.is_one_of, type_.out_type
    fields = [
        (
            *(name, field.out_name or name, AS_THEY_ARE.get(get_nullable_type(field.type)), coercing[name]),
            *(coerce_default_value(field), is_required_input_field(field)),
        )
        for name, field in type_.fields.items()
    ]

    def coerce(value: Any) -> Any:
        if type(value) is not dict:
            raise Declined
        coerced, met = {}, 0
        for name, out_name, kind, coerce_field, default, is_required in fields:
            if name in value:
                item = value[name]
                coerced[out_name] = item if type(item) is kind else coerce_field(item)
                met += 1
            elif is_required:
                raise Declined
            elif default is not Undefined:
                coerced[out_name] = default
        if met != len(value):
            raise Declined
        if is_one_of and (met != 1 or len(coerced) != 1 or any(item is None for item in coerced.values())):
            raise Declined
        return out_type(coerced)

    return coerce


def accepted(coerced: Any) -> Any:
    if coerced is Undefined:
        raise Declined
    return coerced
