"""`app`'s enums with the descriptions that the schema owes its readers."""

from enum import StrEnum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

E = TypeVar("E", bound=StrEnum)


def described(enum: type[E], description: str, *, name: str | None = None, **values: str) -> type[E]:
    """Make the enum a GraphQL one. Every value must be described."""
    strawberry.enum(enum, name=name, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        raise TypeError(f"{enum.__name__} has no {', '.join(values)}")
    return enum
