"""From Strawberry's input objects to the plain mappings that `app` judges."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any

import strawberry

# What it is, and holds nothing.
PLAIN = frozenset({str, type(None), bool, int})


def given(value: Any) -> Any:
    """What the caller gave: absent fields are left out, null stays None; an absent argument is None."""
    kind = value.__class__
    if kind in PLAIN:
        return value
    if value is strawberry.UNSET:
        return None
    if kind is list:
        return [given(item) for item in value]
    if names := _fields(kind):
        sent = [(name, getattr(value, name)) for name in names]
        return {
            name: item if item.__class__ in PLAIN else given(item)
            for name, item in sent
            if item is not strawberry.UNSET
        }
    return value


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "1 to 255 printable ASCII characters. The same key with the same input has its effect once, for 24 hours."
        )
    ),
]
