"""From Strawberry's input objects to the plain mappings that `app` judges."""

from dataclasses import fields, is_dataclass
from typing import Annotated, Any

import strawberry


def given(value: Any) -> Any:
    """What the caller gave: absent fields are left out, null stays None; an absent argument is None."""
    if value is strawberry.UNSET:
        return None
    if isinstance(value, list):
        return [given(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        sent = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: given(item) for name, item in sent if item is not strawberry.UNSET}
    return value


IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "1 to 255 printable ASCII characters. The same key with the same input has its effect once, for 24 hours."
        )
    ),
]
