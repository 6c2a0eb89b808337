"""Values that don't fit their GraphQL type, explained without repeating them: they may be personal.

graphql-core's own messages echo the whole input. Here only names of the schema and of variables are told; and where
it prints an object anew for each unknown field of it (8 minutes for 6,000 fields), this is linear.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_required_input_field,
    type_from_ast,
    validate_input_literal,
    validate_input_value,
)
from graphql.pyutils import did_you_mean, suggestion_list

from app.errors import RefusalCode

MAX_ERRORS = 20  # of one document, or of its variables: whoever mends those asks again
LONGEST_NAME = 40  # for which it is worth looking for what was meant

Path: TypeAlias = tuple[str, ...]


def wrong_literal(
    node: ValueNode, type_: GraphQLInputType, place: str, root: str, *, suggest: bool
) -> Iterator[GraphQLError]:
    """Say what is wrong with a value in the document, if anything is; `root` is the name that its path begins with."""
    for path, reason in islice(_wrong(type_, node, (root,), suggest), MAX_ERRORS):
        yield _error(place, path, reason, node)


def wrong_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any], *, suggest: bool
) -> list[GraphQLError]:
    """Say what is wrong with variables that graphql-core has refused."""
    errors: list[GraphQLError] = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        value = variables.get(name, Undefined)
        if value is Undefined and definition.default_value:
            continue
        wrong = _wrong(type_from_ast(schema, definition.type), value, (name,), suggest)
        try:
            found = list(islice(wrong, MAX_ERRORS - len(errors)))
        except RecursionError:
            found = [((name,), "the value is nested too deeply.")]
        errors += [_error(f'Variable "${name}"', path, reason, definition) for path, reason in found]
    # What is right, and was refused all the same, is beyond graphql-core's limit of nesting.
    return errors or [
        GraphQLError("The variables are nested too deeply.", extensions={"code": RefusalCode.BAD_USER_INPUT})
    ]


def _error(place: str, path: Path, reason: str, node: Node) -> GraphQLError:
    where = f' at "{".".join(path)}"' if len(path) > 1 else ""
    extensions = {"code": RefusalCode.BAD_USER_INPUT, "path": list(path)}
    return GraphQLError(f"{place}{where}: {reason}", node, extensions=extensions)


def _wrong(type_: Any, value: Any, path: Path, suggest: bool) -> Iterator[tuple[Path, str]]:
    """Walk a type and a value (from JSON, or a literal) side by side."""
    if isinstance(value, VariableNode):
        return  # whether it may stand here is another rule's matter
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
        if value is Undefined or _is_null(value):
            yield path, f"a value of type {type_} is required."
            return
    elif value is Undefined or _is_null(value):
        return
    if isinstance(type_, GraphQLList):
        items = _items(value)
        if items is None:  # a single value counts as a list of one
            yield from _wrong(type_.of_type, value, path, suggest)
        for index, item in enumerate(items or ()):
            yield from _wrong(type_.of_type, item, (*path, str(index)), suggest)
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _wrong_object(type_, _fields(value), path, suggest)
    elif not _fits(type_, value):
        named = suggest and isinstance(type_, GraphQLEnumType)
        expected = f"one of {', '.join(type_.values)}" if named else f"a value of type {type_}"
        yield path, f"{expected} is expected."


def _wrong_object(
    type_: GraphQLInputObjectType, fields: Mapping[str, Any] | None, path: Path, suggest: bool
) -> Iterator[tuple[Path, str]]:
    if fields is None:
        yield path, f"an object of type {type_} is expected."
        return
    for name, field in type_.fields.items():
        if name in fields or is_required_input_field(field):
            yield from _wrong(field.type, fields.get(name, Undefined), (*path, name), suggest)
    unknown = next((name for name in fields if name not in type_.fields), None)
    if unknown is not None:
        guesses = suggestion_list(unknown, list(type_.fields)) if suggest and len(unknown) <= LONGEST_NAME else []
        yield path, f"{type_} has no such field as one of those sent.{did_you_mean(guesses)}"
    elif type_.is_one_of and (len(fields) != 1 or any(map(_is_null, fields.values()))):
        choices = ", ".join(type_.fields) if suggest else "its fields"
        yield path, f"exactly one of {choices} is required, and not null."


def _is_null(value: Any) -> bool:
    return value is None or isinstance(value, NullValueNode)


def _items(value: Any) -> list[Any] | tuple[Any, ...] | None:
    if isinstance(value, ListValueNode):
        return value.values
    return value if isinstance(value, list) else None


def _fields(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, ObjectValueNode):
        return {field.name.value: field.value for field in value.fields}
    return value if isinstance(value, dict) else None


def _fits(type_: Any, leaf: Any) -> bool:
    errors: list[GraphQLError] = []
    check = validate_input_literal if isinstance(leaf, Node) else validate_input_value
    check(leaf, type_, lambda error, _path: errors.append(error), hide_suggestions=True)
    return not errors
