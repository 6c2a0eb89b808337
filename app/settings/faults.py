"""What is wrong with settings, in words for whoever set them: never with the value, which may be secret."""

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from app.settings.environment import SERVICE_LINKS_OFF, variable

KINDS = {bool: "true or false", int: "a whole number", float: "a number"}


def told(error: ValidationError, fields: dict[str, FieldInfo]) -> Iterator[str]:
    """Every wrong setting once, in the order of `fields`: its variable, and what it must be."""
    faults: dict[str, Any] = {}
    for fault in error.errors(include_url=False):
        faults.setdefault(str(fault["loc"][0]), fault)
    for name, field in fields.items():
        if name in faults:
            yield f"{variable(name)}: {_reason(faults[name], field)}"


def _reason(fault: dict[str, Any], field: FieldInfo) -> str:
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    if fault["type"] in {"string_too_short", "too_short"}:
        return f"must have {fault['ctx']['min_length']} characters at least"
    kind = expected(field)
    reason = f"must be {kind}" if kind else str(fault["msg"])
    if str(fault["input"]).startswith("tcp://"):
        return f"{reason}. {SERVICE_LINKS_OFF} keeps that out"
    return reason


def expected(field: FieldInfo) -> str | None:
    """What a setting must be, with its bounds; None for what a few words do not say."""
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(member.value) for member in kind)}"
    if kind not in KINDS:
        return None
    return f"{KINDS[kind]} {_bounds(field)}".rstrip()


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        [*kinds] = (kind for kind in get_args(annotation) if kind is not type(None))
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation


def _bounds(field: FieldInfo) -> str:
    least, most = "", ""
    for bound in field.metadata:
        if isinstance(bound, Ge):
            least = str(bound.ge)
        elif isinstance(bound, Gt):
            least = f"above {bound.gt}"
        elif isinstance(bound, Le):
            most = str(bound.le)
        elif isinstance(bound, Lt):
            most = f"below {bound.lt}"
    if least and most and not least.startswith("above") and not most.startswith("below"):
        return f"from {least} to {most}"
    if least and not least.startswith("above"):
        least = f"of at least {least}"
    if most and not most.startswith("below"):
        most = f"at most {most}"
    return " and ".join(filter(None, (least, most)))
