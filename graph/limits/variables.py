"""What an operation comes to with its variables, before these are coerced."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from graph.limits.limits import Limits
from graph.limits.refusals import too_large

# As many values as an object takes the time to coerce of: about 15 µs.
OBJECT = 5


# The most values in so many bytes of JSON: `{},` is five in three.
BYTES = 3


def overfull(variables: Mapping[str, Any], limits: Limits, size: int | None = None) -> GraphQLError | None:
    """What is wrong with the variables' number, if anything is. They came in `size` bytes at the most."""
    if size is not None and OBJECT * size <= BYTES * limits.values:
        return None
    if _count(variables, limits.values) <= limits.values:
        return None
    return too_large("VALUES", limits.values, f"The variables may hold {limits.values} values.")


def overpriced(cost: int, limits: Limits) -> GraphQLError | None:
    if cost <= limits.cost:
        return None
    message = f"This operation costs {cost}, and may cost {limits.cost}. Ask for less of its lists."
    return too_large("COST", limits.cost, message, requested=cost)


def _count(variables: Mapping[str, Any], most: int) -> int:
    count = 0
    inside: list[Iterable[Any]] = [variables.values()]
    while inside and count <= most:
        for value in inside.pop():
            count += 1
            if isinstance(value, dict):
                count += OBJECT - 1
                inside.append(value.values())
            elif isinstance(value, list):
                inside.append(value)
    return count
