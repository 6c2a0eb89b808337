"""From a pydantic model's verdict to the failure that a caller sees: every wrong field at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from app.errors import Expected, Key, Path
from app.texts import Format, TextRule

M = TypeVar("M", bound=BaseModel)

IDEMPOTENCY_KEY = TextRule(255, least=1, exact=True, format=Format.IDEMPOTENCY_KEY)

# Fields whose inner names are the caller's own.
MAPS = frozenset({"metadata", "metadata_patch"})

# What pydantic itself finds; all else is raised with our codes. GraphQL's types keep these from API callers.
PYDANTIC_CODES = {"missing": "TOO_SHORT", "enum": "INVALID_CHOICE", "extra_forbidden": "INVALID_CHOICE"}
PYDANTIC_MESSAGES = {"missing": "This is missing.", "extra_forbidden": "There is no such field."}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """The first rule that one field breaks. `limits` holds what the rule says: lengths, counts, format, choices."""

    code: str
    message: str
    path: Path
    limits: Mapping[str, Any]


class Invalid(Expected):
    """What was sent breaks rules; nothing was done."""

    code = "VALIDATION_FAILED"

    def __init__(self, problems: list[FieldProblem], path: Path) -> None:
        fields = "1 field is" if len(problems) == 1 else f"{len(problems)} fields are"
        super().__init__(f"{fields} not valid; nothing was changed.", path)
        self.problems = problems


def too_many(count: int, most: int, what: str) -> PydanticCustomError:
    """What a list or a map says to its model when it has more than `most`."""
    limits = {"min": None, "max": most, "actual": count}
    return PydanticCustomError("TOO_MANY", f"This may have at most {most} {what}.", limits)


def judge(model: type[M], values: Mapping[str, Any], at: Path) -> tuple[M | None, list[FieldProblem]]:
    """The model made of the values, or what is wrong with them in the order of the model's fields."""
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        return None, list(_problems(error.errors(include_url=False, include_input=False), at))


def judged(model: type[M], values: Mapping[str, Any], at: Path, *, idempotency_key: str | None = None) -> M:
    """The model made of the values, or `Invalid` with every wrong field, a bad idempotency key last."""
    made, problems = judge(model, values, at)
    problems += judge_key(idempotency_key)
    if made is None or problems:
        raise Invalid(problems, path=at)
    return made


def judge_key(idempotency_key: str | None) -> list[FieldProblem]:
    return judge_text(IDEMPOTENCY_KEY, idempotency_key, at=("idempotency_key",))


def judge_text(rule: TextRule, value: str | None, at: Path) -> list[FieldProblem]:
    """What is wrong with an argument that is one optional text."""
    if value is None:
        return []
    try:
        rule.judge(value)
    except PydanticCustomError as error:
        return [FieldProblem(error.type, error.message(), at, error.context or {})]
    return []


def _problems(details: Iterable[ErrorDetails], at: Path) -> Iterable[FieldProblem]:
    for detail in details:
        field, *inner = detail["loc"]
        path = (*at, field, *(map(_key, inner) if field in MAPS else inner))
        code = PYDANTIC_CODES.get(detail["type"], detail["type"])
        if not code.isupper():
            code = "INVALID_TYPE"
        message = PYDANTIC_MESSAGES.get(detail["type"], detail["msg"])
        yield FieldProblem(code, message, path, detail.get("ctx") or {})


def _key(part: int | str) -> Key:
    return Key(part)
