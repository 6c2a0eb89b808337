"""Runs operations. What went wrong before execution (`executed` is false) is told apart from what went wrong in it."""

from asyncio import Lock, sleep
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard

import strawberry
from graphql import GraphQLError, GraphQLInputObjectType, OperationType
from strawberry.execution import optimized_is_awaitable

from app import deadline
from app.errors import RefusalCode, Refused
from app.timeouts import wait_until
from graph import coercion
from graph.described import Described
from graph.documents import Document, Documents
from graph.limits import DEFAULTS, Limits, overfull, overpriced
from graph.limits.cost import Weights, amount_with
from graph.prepared import Executed, Preparing, execute

_is_awaitable: Callable[[Any], TypeGuard[Awaitable[Any]]] = optimized_is_awaitable  # type: ignore[assignment]  # it is

NO_WEIGHTS: Weights = {}

# What heeds the deadline ends with an error of its own field, and all else keeps its data. What does not, and is still
# there so many seconds later, takes the whole operation with it.
GRACE = 1.0


class Operation(NamedTuple):
    """One GraphQL request, of the right types but not parsed yet.

    `wants_cost` is whether its cost is to be told; `size` is no less than the bytes that its variables came in.
    """

    query: str
    name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    read_only: bool
    wants_cost: bool = False
    size: int | None = None


class Result(NamedTuple):
    """How an operation ended; `data` means something only when it was executed.

    `operation` is none when the document is not valid, and `was_known` says that it had been validated before.
    `extensions` go into the answer.
    """

    errors: Sequence[GraphQLError]
    data: Mapping[str, Any] | None = None
    executed: bool = False
    operation: Described | None = None
    was_known: bool = False
    extensions: Mapping[str, Any] = MappingProxyType({})


class NotReadOnly(Refused):
    """A mutation in a request that must be safe (a GET)."""


class Execution:
    """Executes operations on one schema, within limits, keeping the documents that it has parsed and validated.

    graphql-core is called directly: `strawberry.Schema.execute` would run the first of several operations when none is
    named, and log what clients sent.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits = DEFAULTS,
        weights: Weights = NO_WEIGHTS,
        *,
        prepares: bool = True,
    ) -> None:
        if schema.extensions or schema.directives:
            raise ValueError("Strawberry's schema extensions and operation directives are not run here.")
        self._schema = schema._schema
        self._executor = schema.execution_context_class
        self._limits = limits
        for type_ in self._schema.type_map.values():
            # Strawberry checks oneOf after coercion, without a path; graphql-core does it within.
            if isinstance(type_, GraphQLInputObjectType) and (known := type_.extensions.get("strawberry-definition")):
                type_.is_one_of = known.is_one_of
        self._documents = Documents(self._schema, limits, weights, Preparing(schema) if prepares else None)
        self._turn = Lock()

    async def execute(self, operation: Operation, context: object) -> Result:
        """Execute one operation.

        Raises NotReadOnly for a mutation that came by a safe method, TIMEOUT for what goes on too long, and whatever
        refuses the operation.
        """
        was_known = operation.query in self._documents
        document = self._documents.find(operation.query) if was_known else await self._examined(operation.query)
        if not isinstance(document, Document):
            return Result(document)
        executable = document.operation(operation.name)
        if isinstance(executable, GraphQLError):
            return Result([executable], was_known=was_known)
        if operation.read_only and executable.definition.operation is not OperationType.QUERY:
            raise NotReadOnly(RefusalCode.BAD_USER_INPUT, "A mutation can't be sent by GET: use POST.")
        cost = amount_with(executable.cost, operation.variables)
        ended = partial(Result, operation=executable.described, was_known=was_known)
        if operation.wants_cost:
            ended = partial(ended, extensions={"cost": {"requested": cost, "most": self._limits.cost}})
        refusal = overfull(operation.variables, self._limits, operation.size) or overpriced(cost, self._limits)
        if refusal:
            return ended([refusal])

        def build(context_value: object = context, **options: Any) -> Any:
            return self._executor.build(
                self._schema,
                executable.document,
                context_value=context_value,
                raw_variable_values=dict(operation.variables),
                operation_name=operation.name,
                is_awaitable=_is_awaitable,
                max_coercion_errors=coercion.MAX_ERRORS,
                hide_suggestions=not self._limits.suggestions,
                **options,
            )

        if prepared := executable.prepared:
            result = await self._in_time(prepared.execute(operation.variables, context, build))
        else:
            result = await self._in_time(execute(build))
        if isinstance(result, list):
            suggest = self._limits.suggestions
            wrong = coercion.wrong_variables(self._schema, executable.definition, operation.variables, suggest=suggest)
            return ended(wrong)
        return ended(result.errors or (), result.data, executed=True)

    async def _examined(self, text: str) -> Document | Sequence[GraphQLError]:
        """A document that may be new to us, in turn with others that may be.

        One in each round of the event loop, so that whoever sent what is known waits for one of them and not for all.
        """
        async with self._turn:
            found = self._documents.find(text)
            await sleep(0)
            return found

    async def _in_time(self, executing: Awaitable[Executed]) -> Executed:
        with deadline.within(self._limits.seconds):
            try:
                return await wait_until(monotonic() + self._limits.seconds + GRACE, executing)
            except TimeoutError as error:
                raise deadline.too_late() from error
