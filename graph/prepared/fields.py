"""How a field gets into the answer."""

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from graph.prepared.completing import DEFINITION, Completing
from graph.prepared.declining import Unpreparable
from graph.prepared.resolving import Resolver
from graph.prepared.running import Run, Waiting

# Takes the object, its answer to be, and its path.
Put: TypeAlias = Callable[[Any, dict[str, Any], Run, Path | None], None]


def defined(
    schema: GraphQLSchema, type_: GraphQLObjectType, details: FieldDetailsList
) -> tuple[GraphQLField, StrawberryField]:
    """A field as graphql-core and as Strawberry know it."""
    definition = schema.get_field(type_, details[0].node.name.value)
    field = definition.extensions.get(DEFINITION) if definition else None
    if definition is None or not isinstance(field, StrawberryField) or field.extensions:
        raise Unpreparable
    if type(field).get_result is not StrawberryField.get_result or field.default_resolver is not getattr:
        raise Unpreparable
    return definition, field


def attribute(key: str, typename: str, name: str, completing: Completing) -> Put:
    """One without a resolver."""

    def put(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
        value = getattr(source, name)
        data[key] = completing[type(value)](value, run, (path, key, typename))

    return put


def resolved(key: str, typename: str, resolver: Resolver, completing: Completing) -> Put:
    """One with a resolver."""

    def put_now(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
        at = Path(path, key, typename)
        value = resolver.now(source, run, at)
        data[key] = completing[type(value)](value, run, at)

    def put_later(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
        at = Path(path, key, typename)
        run.waiting.append(Waiting(resolver.later(source, run, at), completing, at, data))

    return put_later if resolver.is_async else put_now
