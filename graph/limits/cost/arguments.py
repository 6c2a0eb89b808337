"""What a field's arguments say about its cost: how many items were asked for, and what has to be looked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import FieldNode, IntValueNode, ListValueNode, NullValueNode, ObjectValueNode, ValueNode, VariableNode

from graph.limits.cost.amounts import Amount, Variables

Judge = Callable[[Any], int]

# Stands for what the document itself says, where no more than that it is there is asked.
GIVEN = object()


def amount_of(node: FieldNode, path: Sequence[str], judge: Judge) -> Amount:
    """What `judge` makes of the value at a path of arguments and fields of inputs; of None where there is none."""
    name, *within = path
    value: ValueNode | None = next((one.value for one in node.arguments or () if one.name.value == name), None)
    while within and isinstance(value, ObjectValueNode):
        name, *within = within
        value = next((one.value for one in value.fields if one.name.value == name), None)
    if not isinstance(value, VariableNode):
        return judge(_said(value, within))
    variable = value.name.value

    def sent(variables: Variables) -> int:
        found = variables.get(variable)
        for step in within:
            found = found.get(step) if isinstance(found, Mapping) else None
        return judge(found)

    return sent


def number(most: int) -> Judge:
    """A number of items, of which there can't be more; none if it isn't one."""

    def judge(value: Any) -> int:
        return int(max(0, min(value, most))) if isinstance(value, int | float) else 0

    return judge


def length(value: Any) -> int:
    """The length of a list; a single value counts as a list of one."""
    return len(value) if isinstance(value, list | tuple) else int(value is not None)


def if_given(amount: int) -> Judge:
    return lambda value: 0 if value is None else amount


def _said(value: ValueNode | None, within: Sequence[str]) -> Any:
    if value is None or within or isinstance(value, NullValueNode):
        return None
    if isinstance(value, IntValueNode):
        return int(value.value[:9])
    return value.values if isinstance(value, ListValueNode) else GIVEN
