"""Paths in the names that the caller sent."""

from strawberry.utils.str_converters import to_camel_case

from app.errors import Key, Path


def wire(path: Path) -> list[str]:
    """`("input", "address_line1")` as `["input", "addressLine1"]`; list indexes and map keys as text."""
    return [str(part) if isinstance(part, Key) else to_camel_case(str(part)) for part in path]
