"""What is announced to go: what to use instead, and until when nothing happens."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    resolve_schema_coordinate,
)

# From the release that announces it.
NOTICE = timedelta(days=180)
SHAPE = "Use `Type.name` instead. Goes no sooner than 2027-06-01."
_REASON = re.compile(
    r"(?:Use `(?P<instead>[^`]+)` instead|Nothing replaces it: [^.]+)\. Goes no sooner than (?P<day>\d{4}-\d\d-\d\d)\."
)


def reasons(schema: GraphQLSchema) -> dict[str, str | None]:
    """Everything that can be deprecated, by its coordinate, with the reason why it is."""
    found: dict[str, str | None] = {}
    for name, type in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type, GraphQLEnumType):
            found |= {f"{name}.{value}": of.deprecation_reason for value, of in type.values.items()}
        elif isinstance(type, GraphQLInputObjectType):
            found |= {f"{name}.{field}": of.deprecation_reason for field, of in type.fields.items()}
        elif isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
            for field, of in type.fields.items():
                found[f"{name}.{field}"] = of.deprecation_reason
                found |= {f"{name}.{field}({arg}:)": given.deprecation_reason for arg, given in of.args.items()}
    return found


def goes(reason: str) -> date | None:
    """The first day on which it may be gone; None when none is told."""
    told = _REASON.fullmatch(reason)
    try:
        return date.fromisoformat(told["day"]) if told else None
    except ValueError:
        return None


def faults(schema: GraphQLSchema) -> Iterator[str]:
    """What is wrong with the reasons, a sentence each."""
    for coordinate, reason in reasons(schema).items():
        if reason is None:
            continue
        told = _REASON.fullmatch(reason)
        if told is None or goes(reason) is None:
            yield f"{coordinate} is deprecated with a reason that is not of the form: {SHAPE}"
        elif told["instead"] and not _exists(schema, told["instead"]):
            yield f"{coordinate} is deprecated in favour of {told['instead']}, which does not exist."


def _exists(schema: GraphQLSchema, coordinate: str) -> bool:
    try:
        return resolve_schema_coordinate(schema, coordinate) is not None
    except (TypeError, GraphQLError):
        return False
