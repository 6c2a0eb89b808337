"""The fields of an HTTP message's header section."""

from collections.abc import Iterable


def joined(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names; what was repeated is one list, with commas between (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
