"""Runs operations. What went wrong before execution (`executed` is false) is told apart from what went wrong in it."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from strawberry.execution import optimized_is_awaitable

from app.errors import RefusalCode, Refused
from graph import coercion
from graph.described import Described, described
from graph.validation import RULES

_is_awaitable: Callable[[Any], TypeGuard[Awaitable[Any]]] = optimized_is_awaitable  # type: ignore[assignment]  # it is

MAX_TOKENS = 10_000  # of a document: a quarter of a second to parse and validate; introspection by GraphiQL has 400
CACHED_CHARACTERS = 256 * 1024  # of documents' text: a parsed document takes about 120 bytes for each


@dataclass(frozen=True, slots=True)
class Operation:
    """One GraphQL request, of the right types but not parsed yet."""

    query: str
    name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    read_only: bool


@dataclass(frozen=True, slots=True)
class Result:
    """How an operation ended; `data` means something only when it was executed.

    `operation` is none when the document is not valid, and `was_known` says that it had been validated before.
    """

    errors: Sequence[GraphQLError]
    data: Mapping[str, Any] | None = None
    executed: bool = False
    operation: Described | None = None
    was_known: bool = False


class NotReadOnly(Refused):
    """A mutation in a request that must be safe (a GET)."""


class Execution:
    """Executes operations on one schema, keeping the documents that it has parsed and validated.

    graphql-core is called directly: `strawberry.Schema.execute` would run the first of several operations when none is
    named, and log what clients sent.
    """

    def __init__(self, schema: strawberry.Schema) -> None:
        if schema.extensions or schema.directives:
            raise ValueError("Strawberry's schema extensions and operation directives are not run here.")
        self._schema = schema._schema
        self._executor = schema.execution_context_class
        self._hide_suggestions = schema.config.disable_field_suggestions
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()
        self._cached_characters = 0
        for type_ in self._schema.type_map.values():
            # Strawberry checks oneOf after coercion, without a path; graphql-core does it within.
            if isinstance(type_, GraphQLInputObjectType) and (known := type_.extensions.get("strawberry-definition")):
                type_.is_one_of = known.is_one_of

    async def execute(self, operation: Operation, context: object) -> Result:
        """Execute one operation.

        Raises NotReadOnly for a mutation that came by a safe method, and whatever limits refuse the operation.
        """
        was_known = operation.query in self._documents
        document = self._document(operation.query)
        if not isinstance(document, DocumentNode):
            return Result(document)
        definition = _select(document, operation.name)
        if isinstance(definition, GraphQLError):
            return Result([definition], was_known=was_known)
        if operation.read_only and definition.operation is not OperationType.QUERY:
            raise NotReadOnly(RefusalCode.BAD_USER_INPUT, "A mutation can't be sent by GET: use POST.")
        executor = self._executor.build(
            self._schema,
            document,
            context_value=context,
            raw_variable_values=dict(operation.variables),
            operation_name=operation.name,
            is_awaitable=_is_awaitable,
        )
        if isinstance(executor, list):
            suggest = not self._hide_suggestions
            errors = coercion.wrong_variables(self._schema, definition, operation.variables, suggest=suggest)
            return Result(errors, operation=described(document, definition), was_known=was_known)
        result: Any = executor.execute_operation()
        if _is_awaitable(result):
            result = await result
        told = described(document, definition)
        return Result(result.errors or (), result.data, executed=True, operation=told, was_known=was_known)

    def _document(self, query: str) -> DocumentNode | list[GraphQLError]:
        """Parse and validate, or take from the cache. Refused documents are not kept: they would push out good ones."""
        if document := self._documents.get(query):
            self._documents.move_to_end(query)
            return document
        try:
            document = parse(query, max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            return [error]
        errors = validate(self._schema, document, RULES, hide_suggestions=self._hide_suggestions)
        return errors or self._keep(query, document)

    def _keep(self, query: str, document: DocumentNode) -> DocumentNode:
        if len(query) > CACHED_CHARACTERS:
            return document
        self._documents[query] = document
        self._cached_characters += len(query)
        while self._cached_characters > CACHED_CHARACTERS:
            self._cached_characters -= len(self._documents.popitem(last=False)[0])
        return document


def _select(document: DocumentNode, name: str | None) -> OperationDefinitionNode | GraphQLError:
    found = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and (name is None or (definition.name and definition.name.value == name))
    ]
    if len(found) == 1:
        return found[0]
    message = "Say with operationName which of the operations is meant." if found else "There is no such operation."
    return GraphQLError(message, extensions={"code": RefusalCode.BAD_USER_INPUT})
