"""One request's way through a prepared operation: what is awaited, and what came of its root fields."""

from asyncio import Task, ensure_future, gather
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from graphql import GraphQLResolveInfo
from graphql.execution import Executor
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from app.errors import RefusalCode, Refused
from graph.prepared.variables import NONE

# Where a value is: a path, or the three parts of one that may never be needed.
Place: TypeAlias = tuple[Path | None, str | int, str | None]
Complete: TypeAlias = Callable[[Any, "Run", Place], Any]


class Outcome(NamedTuple):
    """What a resolver returned or raised."""

    value: Any = None
    error: Exception | None = None
    is_async: bool = False

    def again(self) -> Any:
        return self._later() if self.is_async else self._now()

    def _now(self) -> Any:
        if self.error:
            raise self.error
        return self.value

    async def _later(self) -> Any:
        return self._now()


class Waiting(NamedTuple):
    """A field that is still to be resolved, and where its completed value belongs."""

    resolve: Callable[[], Awaitable[Any]]
    completing: Mapping[type, Complete]
    path: Path
    data: dict[str, Any]


@dataclass(slots=True, eq=False)
class Run:
    """One request's way. What came of its resolvers is kept, in case that it is declined."""

    context: Any
    executor: Callable[[], Executor[None]]
    variables: VariableValues = NONE
    outcomes: dict[Path, Outcome] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    tasks: list[Task[None]] = field(default_factory=list)

    async def completed(self, complete: Callable[[Any, "Run", Any], Any], value: Any, place: Any) -> Any:
        """Complete a value and, side by side as graphql-core does, all that must be awaited for it."""
        waiting: list[Waiting] = []
        self.waiting = waiting
        data = complete(value, self, place)
        if len(waiting) == 1:
            await self._put(waiting[0])
        elif waiting:
            tasks = [ensure_future(self._put(one)) for one in waiting]
            self.tasks += tasks
            await gather(*tasks)
        return data

    async def _put(self, one: Waiting) -> None:
        value = await one.resolve()
        one.data[str(one.path.key)] = await self.completed(one.completing[type(value)], value, one.path)

    async def end(self, reason: Exception, *, is_query: bool) -> None:
        """Leave nothing running, now that something was declined, and only those outcomes that are to be used again.

        Those of a query are not: all its fields begin anew, as if they had never begun, so that its errors are as many,
        and come in the same order, as they would have.
        """
        refused = reason.__cause__
        # The data can't be reached, or not in time. What there is of it will not be read twice.
        in_trouble = isinstance(refused, Refused) and refused.code in {RefusalCode.BUSY, RefusalCode.TIMEOUT}
        while running := [task for task in self.tasks if not task.done()]:
            for task in running:
                if not in_trouble:
                    task.cancel()
            await gather(*running, return_exceptions=True)
        if not in_trouble:
            roots = {} if is_query else self.outcomes.items()
            self.outcomes = {path: outcome for path, outcome in roots if path.prev is None}

    def resolve(
        self, resolver: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], **arguments: Any
    ) -> Any:
        """Be a middleware of graphql-core: what has an outcome is not resolved again."""
        outcome = self.outcomes.get(info.path)
        return outcome.again() if outcome else resolver(source, info, **arguments)
