"""Prepared operations: made and executed."""

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any, TypeAlias, cast

import strawberry
from graphql import (
    DefinitionNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)
from graphql.execution.collect_fields import FragmentDetails
from strawberry.execution import optimized_is_awaitable

from graph.prepared.arguments import Converting
from graph.prepared.completing import Leaves
from graph.prepared.declining import Unpreparable
from graph.prepared.running import Run
from graph.prepared.selections import Selection, Selections
from graph.prepared.variables import Coercing, Variables

# What makes graphql-core's executor of one request, or says what is wrong with its variables.
Build: TypeAlias = Callable[..., Any]
Executed: TypeAlias = ExecutionResult | list[GraphQLError]


class Preparing:
    """Prepares operations on one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._coercing = Coercing(schema._schema)
        self._converting = Converting(schema)
        self._leaves = Leaves(schema._schema)

    def prepared(self, document: DocumentNode, operation: OperationDefinitionNode) -> "Prepared | None":
        """An operation of a valid document, prepared. None: graphql-core is always to execute it."""
        try:
            if any(map(_has_directives, document.definitions)):
                return None
            fragments = {
                definition.name.value: FragmentDetails(definition)
                for definition in document.definitions
                if isinstance(definition, FragmentDefinitionNode)
            }
            root = Selections(self._schema, self._converting, self._leaves, operation, fragments).root()
            # Mutations run one after the other: several in one operation are graphql-core's.
            is_query = operation.operation is OperationType.QUERY
            if not is_query and len(root) != 1:
                return None
            return Prepared(self._coercing.variables(operation), root, is_query=is_query)
        except (Unpreparable, RecursionError):
            return None


class Prepared:
    """One operation."""

    def __init__(self, variables: Variables, root: Selection, *, is_query: bool) -> None:
        self._variables = variables
        self._root = root
        self._is_query = is_query
        self._is_given_up = False

    async def execute(self, variables: Mapping[str, Any], context: object, build: Build) -> Executed:
        """Execute it for one request.

        Should graphql-core have to, it gets a copy of the context: what the first one was loading is given up.
        """
        if self._is_given_up:
            return await execute(build)
        run = Run(context, build)
        try:
            run.variables = self._variables(variables)
            return ExecutionResult(await run.completed(self._root.complete, None, None))
        except Exception as reason:
            self._is_given_up = isinstance(reason, Unpreparable)
            await run.end(reason, is_query=self._is_query)
        again = partial(build, context_value=copy(context))
        return await execute(partial(again, middleware=(run,)) if run.outcomes else again)


async def execute(build: Build) -> Executed:
    """Have graphql-core execute what `build` makes an executor for. Errors in a list: it wasn't even begun."""
    executor = build()
    if isinstance(executor, list):
        return executor
    result: Any = executor.execute_operation()
    return cast(Executed, await result if optimized_is_awaitable(result) else result)


def _has_directives(node: DefinitionNode | SelectionNode) -> bool:
    if getattr(node, "directives", None):
        return True
    selected: SelectionSetNode | None = getattr(node, "selection_set", None)
    return selected is not None and any(map(_has_directives, selected.selections))
