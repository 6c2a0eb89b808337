"""One request's way through a prepared operation: what is awaited, and what came of its root fields."""

from asyncio import Task, ensure_future, gather
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo
from graphql.execution import Executor
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from graph.prepared.variables import NONE

# Where a value is: a path, or the three parts of one that may never be needed.
Place: TypeAlias = tuple[Path | None, str | int, str | None]
Complete: TypeAlias = Callable[[Any, "Run", Place], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
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


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A field that is still to be resolved, and where its completed value belongs."""

    resolve: Callable[[], Awaitable[Any]]
    completing: Mapping[type, Complete]
    path: Path
    data: dict[str, Any]


@dataclass(slots=True, eq=False)
class Run:
    """One request's way. It ends when something is declined, and with it whatever is being awaited."""

    context: Any
    executor: Callable[[], Executor[None]]
    variables: VariableValues = NONE
    outcomes: dict[Path | None, Outcome] = field(default_factory=dict)
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

    async def end(self) -> None:
        """Leave nothing running."""
        for task in self.tasks:
            task.cancel()
        await gather(*self.tasks, return_exceptions=True)

    def note(self, path: Path, outcome: Outcome) -> None:
        """Remember what a root field has done; all others may be resolved again, as GraphQL's specification has it."""
        if path.prev is None:
            self.outcomes[path] = outcome

    def resolve(
        self, resolver: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], **arguments: Any
    ) -> Any:
        """Be a middleware of graphql-core: root fields that have been resolved are not resolved again."""
        outcome = self.outcomes.get(info.path)
        return outcome.again() if outcome else resolver(source, info, **arguments)
