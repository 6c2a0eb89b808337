"""From an operation to its cost: fields of one name merge, as in the answer; of a union's members the dearest counts.

The document must be valid, and within the limits of its shape: a fragment is read here as often as it is spread.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    value_from_ast_untyped,
)

from graph.limits.cost.amounts import Amount, Guard, guarded, largest, times, total
from graph.limits.cost.arguments import amount_of, if_given
from graph.limits.cost.weights import LIGHT, Weights

ALWAYS: Guard = frozenset()
NO_SIZES: Mapping[str, Amount] = {}
UNKNOWN = 10  # the length of a list that nothing is known of

Selections: TypeAlias = Sequence[tuple[SelectionSetNode, Guard]]
Group: TypeAlias = list[tuple[FieldNode, Guard]]


def compiled(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, weights: Weights
) -> Amount:
    """The cost of an operation of a document, as a function of the variables that are sent with it."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    amount = _Compiler(schema, document, weights).selection([(operation.selection_set, ALWAYS)], root)
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value
    }
    if not callable(amount):
        return amount
    return lambda variables: amount({**defaults, **variables})


class _Compiler:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, weights: Weights) -> None:
        self._schema = schema
        self._weights = weights
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def selection(
        self, selections: Selections, type_: GraphQLCompositeType, sizes: Mapping[str, Amount] = NO_SIZES
    ) -> Amount:
        """The cost of what is selected of one value; `sizes` has the lists whose lengths are known from above."""
        if not isinstance(type_, GraphQLObjectType):
            possible = self._schema.get_possible_types(type_)
            return largest([self.selection(selections, member, sizes) for member in possible])
        groups: dict[str, Group] = {}
        collected: set[tuple[str, Guard]] = set()
        for node, guard in selections:
            self._collect(node, guard, type_, groups, collected)
        return total([self._field(group, type_, sizes) for group in groups.values()])

    def _field(self, group: Group, parent: GraphQLObjectType, sizes: Mapping[str, Amount]) -> Amount:
        node, _ = group[0]
        name = node.name.value
        definition = self._schema.get_field(parent, name)
        type_ = get_named_type(definition.type) if definition else None
        weight = self._weights.get(f"{parent.name}.{name}", LIGHT)
        own = total([weight.own, *(amount_of(node, path, if_given(cost)) for path, cost in weight.given.items())])
        guards = [guard for _, guard in group]
        if definition is None or not is_composite_type(type_):
            return guarded(guards, own)
        below = [(one.selection_set, guard) for one, guard in group if one.selection_set]
        items = weight.items(node) if weight.items else sizes.get(name)
        if weight.of and items is not None:
            within = self.selection(below, type_, dict.fromkeys(weight.of, items))
            return guarded(guards, total([own, times(items, weight.each), within]))
        within = self.selection(below, type_)
        if not is_list_type(get_nullable_type(definition.type)):
            # Of a single value `items` says how many it stands for.
            return guarded(guards, total([own, within if items is None else times(items, within)]))
        return guarded(
            guards, total([own, times(UNKNOWN if items is None else items, total([1, weight.each, within]))])
        )

    def _collect(
        self,
        selections: SelectionSetNode,
        guard: Guard,
        type_: GraphQLObjectType,
        groups: dict[str, Group],
        collected: set[tuple[str, Guard]],
    ) -> None:
        for node in selections.selections:
            inner = _guard(node.directives or (), guard)
            if inner is None:
                continue
            if isinstance(node, FieldNode):
                groups.setdefault(node.alias.value if node.alias else node.name.value, []).append((node, inner))
                continue
            fragment: FragmentDefinitionNode | InlineFragmentNode | None = None
            if isinstance(node, InlineFragmentNode):
                fragment = node
            elif isinstance(node, FragmentSpreadNode) and (node.name.value, inner) not in collected:
                collected.add((node.name.value, inner))
                fragment = self._fragments.get(node.name.value)
            if fragment and self._applies(fragment, type_):
                self._collect(fragment.selection_set, inner, type_, groups, collected)

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == type_.name:
            return True
        named = self._schema.get_type(condition.name.value)
        return is_abstract_type(named) and self._schema.is_sub_type(named, type_)


def _guard(directives: Sequence[DirectiveNode], guard: Guard) -> Guard | None:
    """What must hold for a selection to count, besides what holds already; None when it never does."""
    for directive in directives:
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        for argument in directive.arguments or ():
            if wanted is not None and isinstance(argument.value, VariableNode):
                guard |= {(argument.value.name.value, wanted)}
            elif isinstance(argument.value, BooleanValueNode) and argument.value.value is not wanted:
                return None
    return guard
