"""A customer's metadata: pairs of texts that mean something to the caller alone."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from app.texts import TextRule
from app.validation import too_many

MOST_KEYS = 50
KEY = TextRule(40, least=1, exact=True)
VALUE = TextRule(500, exact=True, lines=True)


def judge_metadata(value: object) -> dict[str, str]:
    """A map of text to text, kept as it was sent. Tells every key that is wrong at once."""
    return _judged(value, removes=False)


def judge_metadata_patch(value: object) -> dict[str, str | None]:
    """As `judge_metadata`, but a key may be null, which removes it."""
    return _judged(value, removes=True)


def too_many_keys(count: int) -> PydanticCustomError:
    return too_many(count, MOST_KEYS, "keys")


def _judged(value: object, *, removes: bool) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PydanticCustomError("INVALID_TYPE", "This must be an object of texts.")
    if len(value) > MOST_KEYS:
        raise too_many_keys(len(value))
    problems: list[InitErrorDetails] = []
    for key, text in value.items():
        try:
            KEY.judge(key)
            if removes and text is None:
                continue
            if not isinstance(text, str):
                raise PydanticCustomError("INVALID_TYPE", "This must be a text.")
            VALUE.judge(text)
        except PydanticCustomError as problem:
            problems.append(InitErrorDetails(type=problem, loc=(key,), input=None))
    if problems:
        raise ValidationError.from_exception_data("metadata", problems)
    return dict(value)
