"""Values that don't fit their GraphQL type, explained without repeating them: they may be personal.

graphql-core decides what is wrong and where; its messages, which echo the whole input, are dropped, and the reason is
found again from the type at that place. Only names of the schema and of variables are told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
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
    is_required_input_field,
    type_from_ast,
    validate_input_literal,
    validate_input_value,
)
from graphql.pyutils import did_you_mean, suggestion_list

from app.errors import RefusalCode

MAX_ERRORS = 50  # graphql-core's own limit for variables
LONGEST_NAME = 40  # for which it is worth looking for what was meant

Path: TypeAlias = list[str | int]
OnError: TypeAlias = Callable[[GraphQLError, Path], None]


class _Enough(Exception):
    pass


def wrong_literal(
    node: ValueNode, type_: GraphQLInputType, place: str, root: str, *, suggest: bool
) -> Iterator[GraphQLError]:
    """Say what is wrong with a value in the document, if anything is; `root` is the name that its path begins with."""

    def check(on_error: OnError) -> None:
        validate_input_literal(node, type_, on_error)

    for path, reason in _problems(check, type_, _shape(node), suggest):
        yield _error(place, [root, *path], reason, node)


def wrong_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any], *, suggest: bool
) -> list[GraphQLError]:
    """Say what is wrong with variables that graphql-core has refused."""
    errors: list[GraphQLError] = []
    for definition in operation.variable_definitions or ():
        name, type_ = definition.variable.name.value, type_from_ast(schema, definition.type)
        value = variables.get(name, Undefined)
        if value is Undefined and definition.default_value:
            continue

        def check(on_error: OnError, value: Any = value, type_: Any = type_) -> None:
            validate_input_value(value, type_, on_error)

        try:
            found = list(_problems(check, type_, value, suggest))
        except RecursionError:
            found = []
        errors += (_error(f'Variable "${name}"', [name, *path], reason, definition) for path, reason in found)
    if not errors:
        code = {"code": RefusalCode.BAD_USER_INPUT}
        return [GraphQLError("The variables are nested too deeply.", extensions=code)]
    return errors[:MAX_ERRORS]


def _error(place: str, path: Path, reason: str, node: Node) -> GraphQLError:
    names = [str(key) for key in path]
    where = f' at "{".".join(names)}"' if len(names) > 1 else ""
    return GraphQLError(
        f"{place}{where}: {reason}", node, extensions={"code": RefusalCode.BAD_USER_INPUT, "path": names}
    )


def _problems(check: Callable[[OnError], None], type_: Any, value: Any, suggest: bool) -> Iterator[tuple[Path, str]]:
    paths: dict[tuple[str | int, ...], None] = {}

    def on_error(_: GraphQLError, path: Path) -> None:
        paths[tuple(path)] = None
        if len(paths) >= MAX_ERRORS:
            raise _Enough

    with suppress(_Enough):
        check(on_error)
    for path in paths:
        yield from _explain(*_at(type_, value, path), path, suggest)


def _at(type_: Any, value: Any, path: Sequence[str | int]) -> tuple[Any, Any]:
    for key in path:
        type_ = _unwrap(type_, value)
        if isinstance(key, int):
            type_, value = type_.of_type, value[key]
        else:
            type_, value = type_.fields[key].type, value.get(key, Undefined)
    return type_, value


def _unwrap(type_: Any, value: Any) -> Any:
    """Take off what a value that isn't null passes through: a single value counts as a list of one."""
    while isinstance(type_, GraphQLNonNull) or (isinstance(type_, GraphQLList) and not isinstance(value, list)):
        type_ = type_.of_type
    return type_


def _explain(type_: Any, value: Any, path: Sequence[str | int], suggest: bool) -> Iterator[tuple[Path, str]]:
    here = list(path)
    if value is None or value is Undefined:
        required = isinstance(type_, GraphQLNonNull)
        yield here, f"a value of type {type_.of_type} is required." if required else "null is not allowed here."
        return
    type_ = _unwrap(type_, value)
    if isinstance(type_, GraphQLEnumType):
        yield here, f"one of {', '.join(type_.values)} is expected."
    elif not isinstance(type_, GraphQLInputObjectType):
        yield here, f"a value of type {type_} is expected."
    elif not isinstance(value, dict):
        yield here, f"an object of type {type_} is expected."
    else:
        for name, field in type_.fields.items():
            if name not in value and is_required_input_field(field):
                yield [*here, name], f"a value of type {field.type.of_type} is required."
        unknown = [name for name in value if name not in type_.fields]
        if unknown:
            known = suggestion_list(unknown[0], list(type_.fields)) if len(unknown[0]) <= LONGEST_NAME else []
            yield here, f"a field is unknown to {type_}.{did_you_mean(known) if suggest else ''}"
        if type_.is_one_of and len(value) - len(unknown) != 1:
            yield here, f"exactly one of {', '.join(type_.fields)} is required."


def _shape(node: ValueNode) -> Any:
    """Lay out a literal as JSON would, its leaves unread."""
    if isinstance(node, ObjectValueNode):
        return {field.name.value: _shape(field.value) for field in node.fields}
    if isinstance(node, ListValueNode):
        return [_shape(item) for item in node.values]
    return None if isinstance(node, NullValueNode) else node
