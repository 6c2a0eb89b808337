"""How large a document is, in one walk over it that measures each fragment once, however often it is spread."""

from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from app.errors import RefusalCode
from graph.limits.limits import Limits
from graph.limits.refusals import too_large

# Selections within selections, of fragments too: a document with more is more than graphql-core would validate.
NESTED = 200


class Shape(NamedTuple):
    """What a selection holds, on all levels, with its fragments spread in place."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0


EMPTY = Shape()


def oversized(document: DocumentNode, limits: Limits) -> Iterator[GraphQLError]:
    """Say each limit that an operation of the document is beyond. The document need not be valid."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        message = f"A document may have {limits.operations} operations."
        yield too_large("OPERATIONS", limits.operations, message)
        return
    walk = _Walk(document)
    for operation in operations:
        shape = walk.selection(operation.selection_set)
        if walk.deepest > NESTED or shape.depth > limits.depth:
            yield too_large("DEPTH", limits.depth, f"Fields may be nested {limits.depth} levels deep.", operation)
        for limit, most, found, what in (
            ("ROOT_FIELDS", limits.root_fields, len(walk.root(operation)), "fields at its root"),
            ("FIELDS", limits.fields, shape.fields, "fields, with each fragment spread in place"),
            ("ALIASES", limits.aliases, shape.aliases, "aliases, with each fragment spread in place"),
            ("DIRECTIVES", limits.directives, shape.directives, "directives, with each fragment spread in place"),
        ):
            if found > most:
                yield too_large(limit, most, f"An operation may have {most} {what}.", operation)
    if walk.introspection and not limits.introspection:
        code = {"code": RefusalCode.GRAPHQL_VALIDATION_FAILED}
        yield GraphQLError("This server does not show its schema.", walk.introspection, extensions=code)


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self.deepest = 0
        self.introspection: FieldNode | None = None
        self._level = 0
        self._measured: dict[str, Shape] = {}
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def selection(self, node: SelectionSetNode) -> Shape:
        self.deepest = max(self.deepest, self._level)
        if self._level > NESTED:
            return EMPTY
        self._level += 1
        depth = fields = aliases = directives = 0
        for selection in node.selections:
            directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                within = self.selection(selection.selection_set) if selection.selection_set else EMPTY
                depth = max(depth, within.depth + 1)
                fields += 1
                aliases += selection.alias is not None
                if selection.name.value in {"__schema", "__type"}:
                    self.introspection = selection
            else:
                within = self._fragment(selection)
                depth = max(depth, within.depth)
            fields += within.fields
            aliases += within.aliases
            directives += within.directives
        self._level -= 1
        return Shape(depth, fields, aliases, directives)

    def root(self, operation: OperationDefinitionNode) -> set[str]:
        """The names in the answer of what is selected at the root, where fields of one name are one."""
        names: set[str] = set()
        spread: set[str] = set()
        selections = list(operation.selection_set.selections)
        while selections:
            node = selections.pop()
            if isinstance(node, FieldNode):
                names.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                selections += node.selection_set.selections
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                if fragment := self._fragments.get(node.name.value):
                    selections += fragment.selection_set.selections
        return names

    def _fragment(self, node: SelectionNode) -> Shape:
        if isinstance(node, InlineFragmentNode):
            return self.selection(node.selection_set)
        name = node.name.value if isinstance(node, FragmentSpreadNode) else ""
        if name not in self._measured:
            self._measured[name] = EMPTY  # a cycle ends here, and is another rule's to report
            if name in self._fragments:
                self._measured[name] = self.selection(self._fragments[name].selection_set)
        return self._measured[name]
