"""What clients can notice between two schemas, each change by its coordinate.

graphql-core finds most of it. What it leaves out, or takes for safe though requests mean something else afterwards, is
added here: deprecations, exclusive inputs, scalars that are specified otherwise, root types, defaults where there were
none, and types that a field can answer with because they implement its interface.

https://spec.graphql.org/draft/#sec-Schema-Coordinates, where members of unions and interfaces of types have none; here
they are written as other members are: `CreateCustomerResult.IntegrationTaken`, `Customer.Node`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    find_schema_changes,
    get_named_type,
)

from graph.releases.deprecations import goes, reasons


class Level(StrEnum):
    """What a change does to clients that were right before.

    Breaking: they may be refused. Dangerous: they may meet what they are not made for. Announced: nothing, so far.
    """

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    ANNOUNCED = "announced"
    SAFE = "safe"


@dataclass(frozen=True)
class Change:
    level: Level
    kind: str
    coordinate: str
    description: str


# A request that leaves the value out means something else from now on.
MORE_DANGEROUS_THAN_SAID = {"ARG_DEFAULT_VALUE_ADDED", "INPUT_FIELD_DEFAULT_VALUE_ADDED"}

# graphql-core says what changed in a sentence only.
SENTENCES = (
    r"(?P<member>\w+) was (?:added to|removed from) union type (?P<whole>\w+)\.",
    r"(?P<member>\w+) added to interfaces implemented by (?P<whole>\w+)\.",
    r"(?P<whole>\w+) no longer implements interface (?P<member>\w+)\.",
    r".*?(?P<whole>@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?)",
    r"(?:Standard scalar )?(?P<whole>\w+) (?:was|changed)",
)


def between(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Every change but those of descriptions, the worst first."""
    changes = [*_found_by_graphql_core(old, new), *_of_types(old, new), *_of_roots(old, new), *_of_reasons(old, new)]
    return sorted(changes, key=lambda change: list(Level).index(change.level))


def _found_by_graphql_core(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for kind, description in find_schema_changes(old, new):
        if kind.name == "DESCRIPTION_CHANGED":
            continue
        level = Level.SAFE
        if isinstance(kind, BreakingChangeType):
            level = Level.BREAKING
        elif isinstance(kind, DangerousChangeType) or kind.name in MORE_DANGEROUS_THAN_SAID:
            level = Level.DANGEROUS
        yield Change(level, kind.name, _coordinate(description), description)


def _coordinate(description: str) -> str:
    found = next(filter(None, (re.match(sentence, description) for sentence in SENTENCES)), None)
    if found is None:
        raise LookupError(f"no coordinate in: {description}")
    return ".".join(filter(None, (found["whole"], found.groupdict().get("member"))))


def _of_types(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for name, type in new.type_map.items():
        match old.type_map.get(name), type:
            case GraphQLInputObjectType() as before, GraphQLInputObjectType() if before.is_one_of != type.is_one_of:
                if type.is_one_of:
                    yield Change(Level.BREAKING, "ONE_OF_ADDED", name, f"{name} takes one field only.")
                else:
                    yield Change(Level.SAFE, "ONE_OF_REMOVED", name, f"{name} takes several fields.")
            case GraphQLScalarType() as before, GraphQLScalarType() if before.specified_by_url != type.specified_by_url:
                said = f"{name} is specified by {type.specified_by_url or 'nothing'}."
                yield Change(Level.DANGEROUS, "SCALAR_SPECIFIED_OTHERWISE", name, said)
            case GraphQLInterfaceType(), GraphQLInterfaceType() if name in _answered(old):
                for possible in new.get_possible_types(type):
                    if possible.name not in old.type_map:
                        said = f"{possible.name} is new, and is a {name}."
                        yield Change(Level.DANGEROUS, "POSSIBLE_TYPE_ADDED", f"{name}.{possible.name}", said)


def _answered(schema: GraphQLSchema) -> set[str]:
    """The types that some field is declared to answer with."""
    return {
        get_named_type(field.type).name
        for type in schema.type_map.values()
        if isinstance(type, GraphQLObjectType | GraphQLInterfaceType)
        for field in type.fields.values()
    }


def _of_roots(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for root in ("query_type", "mutation_type", "subscription_type"):
        before, after = getattr(old, root), getattr(new, root)
        if before and (after is None or after.name != before.name):
            said = f"{before.name} is not the {root.replace('_', ' ')} any more."
            yield Change(Level.BREAKING, "ROOT_TYPE_CHANGED", before.name, said)


def _of_reasons(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    before, after = reasons(old), reasons(new)
    for coordinate in filter(after.__contains__, before):
        was, now = before[coordinate], after[coordinate]
        if was is None and now is not None:
            yield Change(Level.ANNOUNCED, "DEPRECATED", coordinate, f"{coordinate} is deprecated.")
        elif was is not None and now is None:
            yield Change(Level.SAFE, "DEPRECATION_REMOVED", coordinate, f"{coordinate} is deprecated no more.")
        elif was and now and (promised := goes(was)) and (day := goes(now)) and day < promised:
            said = f"{coordinate} may go on {day}, and {promised} was promised."
            yield Change(Level.BREAKING, "DEPRECATION_BROUGHT_FORWARD", coordinate, said)
