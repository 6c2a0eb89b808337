"""What is selected of objects.

Which fields that are is collected by graphql-core. It is done when the first such object comes: of a union only what
occurs, and of a fragment that is spread in many places no more than is used.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    Undefined,
    get_named_type,
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

from graph.prepared import fields
from graph.prepared.arguments import Converting
from graph.prepared.completing import Completing, Leaves, Serialize
from graph.prepared.declining import Declined, Unpreparable
from graph.prepared.fields import Put
from graph.prepared.resolving import Field, Resolver
from graph.prepared.running import Place, Run
from graph.prepared.variables import NONE

MOST_PLANS = 64  # of one selection: combinations of values that are null and that are not, for the most part


class Selections:
    """The selections of one operation, which has no directives."""

    def __init__(
        self,
        schema: strawberry.Schema,
        converting: Converting,
        leaves: Leaves,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
    ) -> None:
        self._schema = schema._schema
        self._handlers_of = schema.schema_converter._get_field_exception_handlers
        self._converting = converting
        self._leaves = leaves
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
            collected = collect_subfields(self._schema, self._fragments, NONE, self._operation, type_, details)
            self._made[key] = Selection(self, type_, collected.grouped_field_set)
        return self._made[key]

    def leaf(self, type_: GraphQLObjectType, details: FieldDetailsList) -> tuple[str, Completing] | None:
        """The attribute that a field is, when it is one and holds a leaf, and how that is completed."""
        definition, field = fields.defined(self._schema, type_, details)
        if field.base_resolver or not is_leaf_type(get_nullable_type(definition.type)):
            return None
        return field.python_name, self._completing(definition, details)

    def putting(self, key: str, type_: GraphQLObjectType, details: FieldDetailsList) -> Put:
        """What puts any field into the answer."""
        definition, field = fields.defined(self._schema, type_, details)
        completing = self._completing(definition, details)
        if field.base_resolver is None:
            return fields.attribute(key, type_.name, field.python_name, completing)
        nodes = [one.node for one in details]
        arguments = self._converting.arguments(definition, field, nodes[0])
        resolver = Resolver(Field(type_, definition, field, nodes), arguments, self._handlers_of(field))
        return fields.resolved(key, type_.name, resolver, completing)

    def _completing(self, definition: GraphQLField, details: FieldDetailsList) -> Completing:
        if is_leaf_type(get_named_type(definition.type)):
            return self._leaves[definition.type]
        return Completing(self._schema, definition.type, lambda type_: self.of(type_, details).complete)


class Selection:
    """What is selected of objects of one type: the leaves among their attributes all at once, the others in turn."""

    def __init__(self, selections: Selections, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> None:
        self._blank: dict[str, Any] = dict.fromkeys(grouped)
        self._leaves: list[Completing] = []
        self._keys: list[str] = []
        self._puts: list[Put] = []
        self._plans: dict[tuple[type, ...], list[tuple[str, Serialize]]] = {}
        names = []
        for key, details in grouped.items():
            if details[0].node.name.value == "__typename":
                self._blank[key] = type_.name
            elif leaf := selections.leaf(type_, details):
                name, completing = leaf
                names.append(name)
                self._keys.append(key)
                self._leaves.append(completing)
            else:
                self._puts.append(selections.putting(key, type_, details))
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
        serializing = [leaf.serializing(kind) for leaf, kind in zip(self._leaves, kinds, strict=True)]
        plan = [(key, serialize) for key, serialize in zip(self._keys, serializing, strict=True) if serialize]
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
