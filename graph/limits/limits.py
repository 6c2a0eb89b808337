"""The limits of documents and operations, as the endpoint is given them."""

from dataclasses import dataclass
from typing import Self

from app.settings.limits import LimitSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Each is the most that is allowed. `length` is in characters, `seconds` is an operation's time.

    `cached_bytes` is what documents may take in memory.
    """

    length: int
    tokens: int
    operations: int
    depth: int
    fields: int
    root_fields: int
    aliases: int
    directives: int
    comparisons: int
    values: int
    cost: int
    seconds: float
    cached_bytes: int
    introspection: bool
    suggestions: bool

    @classmethod
    def of(cls, settings: LimitSettings) -> Self:
        return cls(
            length=settings.max_document_length,
            tokens=settings.max_document_tokens,
            operations=settings.max_operations,
            depth=settings.max_depth,
            fields=settings.max_fields,
            root_fields=settings.max_root_fields,
            aliases=settings.max_aliases,
            directives=settings.max_directives,
            comparisons=settings.max_comparisons,
            values=settings.max_values,
            cost=settings.max_cost,
            seconds=settings.operation_timeout,
            cached_bytes=settings.document_cache_bytes,
            introspection=settings.introspection,
            suggestions=settings.suggestions,
        )


# Without what the environment says.
DEFAULTS = Limits.of(LimitSettings.model_construct())
