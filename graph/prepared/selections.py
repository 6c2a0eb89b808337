"""What is selected, and how it gets into the answer.

Which fields belong to an object is collected by graphql-core. It is done when the first such object comes: of a union
only what occurs, and of a fragment that is spread in many places no more than is used.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.pyutils import Path
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

from graph.prepared.arguments import Converting
from graph.prepared.completing import DEFINITION, Completing, Serialize
from graph.prepared.declining import Declined, Unpreparable
from graph.prepared.resolving import Field, Resolver
from graph.prepared.running import Place, Run, Waiting
from graph.prepared.variables import NONE

MOST_SELECTIONS = 1000  # of one operation
MOST_PLANS = 64  # of one selection: combinations of values that are null and that are not, for the most part

Put: TypeAlias = Callable[[Any, dict[str, Any], Run, Path | None], None]


class Selections:
    """The selections of one operation, which has no directives."""

    def __init__(
        self,
        schema: strawberry.Schema,
        converting: Converting,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
    ) -> None:
        self._schema = schema._schema
        self._handlers_of = schema.schema_converter._get_field_exception_handlers
        self._converting = converting
        self._operation = operation
        self._fragments = fragments
        self._made: dict[tuple[GraphQLObjectType, tuple[int, ...]], Selection] = {}

    def root(self) -> "Selection":
        type_ = self._schema.get_root_type(self._operation.operation)
        if type_ is None:
            raise Unpreparable
        collected = collect_fields(self._schema, self._fragments, NONE, type_, self._operation)
        return Selection(self, type_, collected.grouped_field_set)

    def of(self, type_: GraphQLObjectType, details: FieldDetailsList) -> "Selection":
        """What a field selects of an object: one selection for all fields that stand for the same nodes."""
        key = (type_, tuple(id(one.node) for one in details))
        if key not in self._made:
            if len(self._made) == MOST_SELECTIONS:
                raise Unpreparable
            collected = collect_subfields(self._schema, self._fragments, NONE, self._operation, type_, details)
            self._made[key] = Selection(self, type_, collected.grouped_field_set)
        return self._made[key]

    def defined(self, type_: GraphQLObjectType, details: FieldDetailsList) -> tuple[GraphQLField, StrawberryField]:
        definition = self._schema.get_field(type_, details[0].node.name.value)
        field = definition.extensions.get(DEFINITION) if definition else None
        if definition is None or not isinstance(field, StrawberryField) or field.extensions:
            raise Unpreparable
        if type(field).get_result is not StrawberryField.get_result or field.default_resolver is not getattr:
            raise Unpreparable
        return definition, field

    def completing(self, definition: GraphQLField, details: FieldDetailsList) -> Completing:
        return Completing(self._schema, definition.type, lambda type_: self.of(type_, details).complete)

    def putting(self, key: str, type_: GraphQLObjectType, details: FieldDetailsList) -> Put:
        """What puts a field into the answer: one that has a resolver, or holds objects or a list."""
        definition, field = self.defined(type_, details)
        completing = self.completing(definition, details)
        name, typename = field.python_name, type_.name
        if field.base_resolver is None:

            def put(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
                value = getattr(source, name)
                data[key] = completing[type(value)](value, run, (path, key, typename))

            return put

        nodes = [one.node for one in details]
        arguments = self._converting.arguments(definition, field, nodes[0])
        resolver = Resolver(Field(type_, definition, field, nodes), arguments, self._handlers_of(field))

        def put_now(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
            at = Path(path, key, typename)
            value = resolver.now(source, run, at)
            data[key] = completing[type(value)](value, run, at)

        def put_later(source: Any, data: dict[str, Any], run: Run, path: Path | None) -> None:
            at = Path(path, key, typename)
            run.waiting.append(Waiting(resolver.later(source, run, at), completing, at, data))

        return put_later if resolver.is_async else put_now


class Selection:
    """What is selected of objects of one type: the leaves among their attributes all at once, the others in turn."""

    def __init__(self, selections: Selections, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> None:
        self._blank: dict[str, Any] = dict.fromkeys(grouped)
        self._leaves: list[tuple[str, Completing]] = []
        self._puts: list[Put] = []
        self._plans: dict[tuple[type, ...], list[tuple[str, Serialize]]] = {}
        names = []
        for key, details in grouped.items():
            if details[0].node.name.value == "__typename":
                self._blank[key] = type_.name
                continue
            definition, field = selections.defined(type_, details)
            if field.base_resolver is None and is_leaf_type(get_nullable_type(definition.type)):
                self._leaves.append((key, selections.completing(definition, details)))
                names.append(field.python_name)
            else:
                self._puts.append(selections.putting(key, type_, details))
        self._keys = [key for key, _ in self._leaves]
        self._read = _reading(names)

    def __len__(self) -> int:
        return len(self._blank)

    def complete(self, source: Any, run: Run, place: Place | None) -> dict[str, Any]:
        if getattr(source, TYPE_CAST_ATTRIBUTE, None) is not None:
            raise Declined
        data = self._blank.copy()
        values = self._read(source)
        kinds = tuple(map(type, values))
        plan = self._plans.get(kinds)
        if plan is None:
            plan = self._planned(kinds)
        data.update(zip(self._keys, values))  # noqa: B905 - the lengths are the same
        for key, serialize in plan:
            data[key] = serialized = serialize(data[key])
            if serialized is None or serialized is Undefined:
                raise Declined
        if self._puts:
            path = Path(*place) if place else None
            for put in self._puts:
                put(source, data, run, path)
        return data

    def _planned(self, kinds: tuple[type, ...]) -> list[tuple[str, Serialize]]:
        """What must be done to values of these types."""
        planned = [(key, leaf.serializing(kind)) for (key, leaf), kind in zip(self._leaves, kinds, strict=True)]
        plan = [(key, serialize) for key, serialize in planned if serialize]
        if len(self._plans) == MOST_PLANS:
            self._plans.clear()
        self._plans[kinds] = plan
        return plan


def _reading(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads attributes; `attrgetter` makes a tuple of two and more only."""
    if not names:
        return lambda _source: ()
    if len(names) == 1:
        [name] = names
        return lambda source: (getattr(source, name),)
    return attrgetter(*names)
