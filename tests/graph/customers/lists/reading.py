"""Lists read from outside, page by page."""

from collections.abc import AsyncIterator
from typing import Any

from tests.api import Api

LIST = """
query($first: Int, $after: String, $last: Int, $before: String, $filter: CustomerFilter, $orderBy: CustomerOrder) {
  customers(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""

COUNT = "query($filter: CustomerFilter) { customers(first: 1, filter: $filter) { totalCount } }"


async def page(api: Api, **arguments: Any) -> Any:
    return (await api.execute(LIST, arguments))["customers"]


async def pages(api: Api, size: int, *, backward: bool = False, **arguments: Any) -> AsyncIterator[Any]:
    """Every page, from the beginning to the end, or from the end to the beginning."""
    size_of, cursor_of = ("last", "before") if backward else ("first", "after")
    more, edge = ("hasPreviousPage", "startCursor") if backward else ("hasNextPage", "endCursor")
    arguments[size_of] = size
    while True:
        found = await page(api, **arguments)
        yield found
        if not found["pageInfo"][more]:
            return
        arguments[cursor_of] = found["pageInfo"][edge]


async def listed(api: Api, size: int = 100, *, backward: bool = False, **arguments: Any) -> list[str]:
    """The ids of the whole list, in its order."""
    found: list[str] = []
    async for part in pages(api, size, backward=backward, **arguments):
        ids = [edge["node"]["id"] for edge in part["edges"]]
        found = ids + found if backward else found + ids
    return found


async def total(api: Api, filter: Any = None) -> int:
    return int((await api.execute(COUNT, {"filter": filter}))["customers"]["totalCount"])
