"""JSON of strangers: nothing in it may be read in two ways."""

import json
from typing import Any, NoReturn


def json_object(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8. Raises ValueError for anything else, NaN and a name that is there twice included."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
