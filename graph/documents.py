"""The documents that clients send: measured, parsed and validated once, and kept for when they come again."""

import sys
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    Source,
    parse,
)

from app.errors import RefusalCode
from graph.described import Described, described
from graph.limits import Limits, overlong, oversized
from graph.limits.cost import Amount, Weights, compiled, of_introspection
from graph.prepared import Prepared, Preparing
from graph.validation import Validator

# What a document takes, generously, with all that is known of it: each of its tokens is kept.
BYTES_A_TOKEN = 900

# Of so many refused documents it is remembered why: a client that is wrong is wrong each time.
REFUSALS = 100
LONGEST_MESSAGE = 1000


class Executable:
    """One operation of a valid document, and what is found out once about it, for each time that it is executed."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        weights: Weights,
        preparing: Preparing | None,
    ) -> None:
        self.document = document
        self.definition = definition
        self._schema = schema
        self._weights = weights
        self._preparing = preparing

    @cached_property
    def cost(self) -> Amount:
        return compiled(self._schema, self.document, self.definition, self._weights)

    @cached_property
    def described(self) -> Described:
        return described(self.document, self.definition)

    @cached_property
    def prepared(self) -> Prepared | None:
        return self._preparing.prepared(self.document, self.definition) if self._preparing else None


class Document:
    """A document that is valid and within the limits. `size` is what it takes in memory, in bytes."""

    def __init__(self, operations: Sequence[Executable], size: int) -> None:
        self.operations = operations
        self.size = size

    def operation(self, name: str | None) -> Executable | GraphQLError:
        """The operation of that name, or the only one."""
        found = [
            one
            for one in self.operations
            if name is None or (one.definition.name and one.definition.name.value == name)
        ]
        if len(found) == 1:
            return found[0]
        message = "Say with operationName which of the operations is meant." if found else "There is no such operation."
        return GraphQLError(message, extensions={"code": RefusalCode.BAD_USER_INPUT})


class Documents:
    """The documents of one schema that came lately. What they take in memory is within a limit."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, weights: Weights, preparing: Preparing | None = None
    ) -> None:
        self._schema = schema
        self._preparing = preparing
        self._limits = limits
        self._weights = {**of_introspection(schema), **weights}
        self._validator = Validator(schema, limits)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._size = 0
        # Apart: they would push out good ones. By a digest, since their texts are worth nothing.
        self._refused: OrderedDict[bytes, Sequence[GraphQLError]] = OrderedDict()

    def __contains__(self, text: str) -> bool:
        return text in self._kept

    def find(self, text: str) -> Document | Sequence[GraphQLError]:
        """The document, or what is wrong with it."""
        if document := self._kept.get(text):
            self._kept.move_to_end(text)
            return document
        if error := overlong(text, self._limits):
            return [error]
        digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        if errors := self._refused.get(digest):
            self._refused.move_to_end(digest)
            return errors
        found = self._examined(text)
        if isinstance(found, Document):
            self._keep(text, found)
            return found
        self._refused[digest] = [_bare(error) for error in found]
        if len(self._refused) > REFUSALS:
            self._refused.popitem(last=False)
        return found

    def _examined(self, text: str) -> Document | Sequence[GraphQLError]:
        """From the cheapest question to the dearest."""
        try:
            document = parse(text)
        except GraphQLError as error:
            return [error]
        errors = list(oversized(document, self._limits)) or self._validator.errors(document)
        if errors:
            return errors
        operations = [
            Executable(self._schema, document, definition, self._weights, self._preparing)
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]
        return Document(operations, BYTES_A_TOKEN * document.token_count + 2 * sys.getsizeof(text))

    def _keep(self, text: str, document: Document) -> None:
        if document.size > self._limits.cached_bytes:
            return
        self._kept[text] = document
        self._size += document.size
        while self._size > self._limits.cached_bytes:
            self._size -= self._kept.popitem(last=False)[1].size


def _bare(error: GraphQLError) -> GraphQLError:
    """The error without the document that it refers to."""
    message, locations = error.message[:LONGEST_MESSAGE], error.locations
    if isinstance(error, GraphQLSyntaxError):
        error = GraphQLSyntaxError(Source(""), 0, error.description[:LONGEST_MESSAGE])
    else:
        error = GraphQLError(message, extensions=error.extensions)
    error.locations = locations
    return error
