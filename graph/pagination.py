"""Connections: pages of lists, by the Relay specification's rules. https://relay.dev/graphql/connections.htm"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, NoReturn, TypeVar

import strawberry

from app.errors import RefusalCode, Refused
from app.paging import Page, Position, Window
from graph.context import Info
from graph.cursors import Seal
from graph.inputs import given

MOST = 100
USUAL = 50

N = TypeVar("N")

First = Annotated[
    int | None, strawberry.argument(description="So many from the beginning, or after `after`: 1 to 100, 50 if absent.")
]
After = Annotated[
    str | None, strawberry.argument(description="Only what follows this cursor of the same list. Goes with `first`.")
]
Last = Annotated[int | None, strawberry.argument(description="So many from the end, or before `before`: 1 to 100.")]
Before = Annotated[
    str | None, strawberry.argument(description="Only what precedes this cursor of the same list. Goes with `last`.")
]


@dataclass(frozen=True, slots=True)
class Listing(Generic[N]):
    """A list that can be paged through. `terms` are all that tells it from other lists, but for the caller's scope."""

    terms: tuple[Any, ...]
    position: Callable[[Any], Position]
    restored: Callable[[Any, str], Position]
    page: Callable[[Window], Awaitable[Page[N]]]
    count: Callable[[], Awaitable[int]]


@strawberry.type(description="A node, and where it is in the list.")
class Edge(Generic[N]):
    node: N = strawberry.field(description="What is listed.")
    cursor: str = strawberry.field(
        description="The place in this list, for `after` and `before`: opaque, and good for the same order and filter."
    )


@dataclass(frozen=True, slots=True)
class Found(Generic[N]):
    """A page, and the list that it is of."""

    listing: Listing[N]
    seal: Seal
    window: Window
    page: Page[N]

    def cursor(self, index: int) -> str | None:
        rows = self.page.rows
        return self.seal.close(self.listing.position(rows[index])) if rows else None

    async def anything_ahead(self) -> bool:
        return self.page.more

    async def anything_behind(self) -> bool:
        """Whether the list has rows on the side from which the window was read."""
        if self.window.start is None:
            return False
        other = replace(self.window, size=1, backward=not self.window.backward, inclusive=True)
        return bool((await self.listing.page(other)).rows)


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    found: strawberry.Private[Found[Any]]

    @strawberry.field(description="Whether anything follows the page.")
    async def has_next_page(self) -> bool:
        found = self.found
        return await (found.anything_behind() if found.window.backward else found.anything_ahead())

    @strawberry.field(description="Whether anything precedes the page.")
    async def has_previous_page(self) -> bool:
        found = self.found
        return await (found.anything_ahead() if found.window.backward else found.anything_behind())

    @strawberry.field(description="The cursor of the page's first node; null when it is empty.")
    def start_cursor(self) -> str | None:
        return self.found.cursor(0)

    @strawberry.field(description="The cursor of the page's last node; null when it is empty.")
    def end_cursor(self) -> str | None:
        return self.found.cursor(-1)


@strawberry.type(description="A page of a list. What comes or goes elsewhere moves nothing in or out of it.")
class Connection(Generic[N]):
    found: strawberry.Private[Found[Any]]

    @strawberry.field(description="The page's nodes with their cursors.")
    def edges(self) -> list[Edge[N]]:
        cursor = self.found.cursor
        return [Edge(node=node, cursor=cursor(index) or "") for index, node in enumerate(self.found.page.rows)]

    @strawberry.field(description="The page's nodes.")
    def nodes(self) -> list[N]:
        return list(self.found.page.rows)

    @strawberry.field(description="Where the page lies in the list. What is not selected is not looked for.")
    def page_info(self) -> PageInfo:
        return PageInfo(found=self.found)

    @strawberry.field(description="How many there are on all pages. Counted when selected: 0.1 seconds a million.")
    async def total_count(self) -> int:
        return await self.found.listing.count()


async def connected(info: Info, listing: Listing[N], first: Any, after: Any, last: Any, before: Any) -> Connection[N]:
    """The page of the list that a connection's arguments ask for."""
    seal = await Seal.of(info, *listing.terms)
    first, after, last, before = (given(argument) for argument in (first, after, last, before))
    size = _size(first, last)
    if after is not None and last is not None:
        _refuse("`after` goes with `first`, and `before` with `last`.", "after")
    if before is not None and (first is not None or after is not None):
        _refuse("`before` goes with `last`, and excludes `first` and `after`.", "before")
    backward = last is not None or before is not None
    start = _start(seal, listing, after if before is None else before, "after" if before is None else "before")
    window = Window(size, start, backward)
    return Connection(found=Found(listing, seal, window, await listing.page(window)))


def _size(first: int | None, last: int | None) -> int:
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 1 <= value <= MOST:
            _refuse(f"A page has 1 to {MOST} nodes.", name)
    if first is not None and last is not None:
        _refuse("`first` and `last` exclude each other.", "last")
    return first or last or USUAL


def _start(seal: Seal, listing: Listing[Any], cursor: str | None, name: str) -> Position | None:
    if cursor is None:
        return None
    place = seal.open(cursor)
    if place is None:
        _refuse("This is no cursor of this list. A cursor is good for the order and filter that it came with.", name)
    return listing.restored(*place)


def _refuse(message: str, *path: str) -> NoReturn:
    raise Refused(RefusalCode.BAD_USER_INPUT, message, path=list(path))
