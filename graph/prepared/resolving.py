"""How resolvers are called: by Strawberry's rules, without its wrapping."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property, partial
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

import strawberry
from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField
from strawberry.utils.await_maybe import await_maybe

from graph.prepared.arguments import Arguments
from graph.prepared.declining import Declined, Unpreparable
from graph.prepared.running import Outcome, Run

Handlers: TypeAlias = tuple[tuple[tuple[type[Exception], ...], strawberry.ExceptionHandler[Any, Any]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field in a document."""

    parent: GraphQLObjectType
    definition: GraphQLField
    strawberry: StrawberryField
    nodes: list[FieldNode]


class PreparedInfo(strawberry.Info[Any, Any]):
    """What a resolver is told: the context, and by graphql-core all the rest, when it is asked for."""

    def __init__(self, field: Field, run: Run, path: Path) -> None:
        self._field = field.strawberry
        self._in_document, self._run, self._path = field, run, path

    @property
    def context(self) -> Any:
        return self._run.context

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # an attribute that nobody sets
        field, executor = self._in_document, self._run.executor()
        return executor.build_resolve_info(field.definition, field.nodes, field.parent, self._path)


class Resolver:
    """Calls one field's resolver, as Strawberry would."""

    def __init__(self, field: Field, arguments: Arguments, handlers: Handlers) -> None:
        function = field.strawberry.base_resolver
        if function is None:
            raise Unpreparable
        self.is_async = iscoroutinefunction(function.wrapped_func)
        if self.is_async != field.strawberry.is_async or (handlers and not self.is_async):
            raise Unpreparable
        self._field = field
        self._arguments = arguments
        self._handlers = handlers
        self._takes_self = function.self_parameter is not None
        self._source_names = [
            parameter.name for parameter in (function.parent_parameter, function.root_parameter) if parameter
        ]
        self._info_name = function.info_parameter.name if function.info_parameter else None

    def now(self, source: Any, run: Run, path: Path) -> Any:
        call = self._call(source, run, PreparedInfo(self._field, run, path))
        try:
            value = call()
        except Exception as error:
            run.outcomes[path] = Outcome(error=error)
            raise Declined from error
        run.outcomes[path] = Outcome(value)
        return value

    def later(self, source: Any, run: Run, path: Path) -> Callable[[], Awaitable[Any]]:
        info = PreparedInfo(self._field, run, path)
        return partial(self._awaited, self._call(source, run, info), info, run, path)

    async def _awaited(self, call: Callable[[], Any], info: PreparedInfo, run: Run, path: Path) -> Any:
        try:
            try:
                value = await call()
            except Exception as error:
                value = await self._face(error, info)
        except Exception as error:
            run.outcomes[path] = Outcome(error=error, is_async=True)
            raise Declined from error
        run.outcomes[path] = Outcome(value, is_async=True)
        return value

    def _call(self, source: Any, run: Run, info: PreparedInfo) -> Callable[[], Any]:
        given = self._arguments(run.variables)
        for name in self._source_names:
            given[name] = source
        if self._info_name:
            given[self._info_name] = info
        return partial(
            self._field.strawberry.get_result,
            source,
            info=info,
            args=[source] if self._takes_self else [],
            kwargs=given,
        )

    async def _face(self, error: Exception, info: PreparedInfo) -> Any:
        """What the first handler of the error answers; without one it is raised again."""
        for kinds, handler in self._handlers:
            if isinstance(error, kinds):
                face = await await_maybe(handler.handle(error, field=self._field.strawberry, info=info))
                if face is not None:
                    return face
                break
        raise error
