"""What is told of an operation: its type, its name and the fields of the schema that it begins with."""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

# The name is the client's own text.
LONGEST_NAME = 100
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Described:
    """An operation of a valid document: so its name is a GraphQL name, and its fields are the schema's."""

    type: str
    name: str | None
    fields: tuple[str, ...]


def described(document: DocumentNode, operation: OperationDefinitionNode) -> Described:
    name = operation.name.value[:LONGEST_NAME] if operation.name else None
    fields: dict[str, None] = {}
    _collect(document, operation.selection_set, fields, set())
    return Described(operation.operation.value, name, tuple(fields)[:MOST_FIELDS])


def _collect(document: DocumentNode, selections: SelectionSetNode, fields: dict[str, None], spread: set[str]) -> None:
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            fields[selection.name.value] = None
        elif isinstance(selection, InlineFragmentNode):
            _collect(document, selection.selection_set, fields, spread)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
            spread.add(selection.name.value)
            for definition in document.definitions:
                if isinstance(definition, FragmentDefinitionNode) and definition.name.value == selection.name.value:
                    _collect(document, definition.selection_set, fields, spread)
