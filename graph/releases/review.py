"""What keeps the schema from being released."""

from collections.abc import Iterator
from datetime import date

from graphql import GraphQLSchema

from graph.releases import deprecations, log
from graph.releases.changes import Change, Level, between

# What could have been deprecated before it went.
REMOVALS = {"FIELD_REMOVED", "ARG_REMOVED", "VALUE_REMOVED_FROM_ENUM"}


def faults(old: GraphQLSchema, new: GraphQLSchema, change_log: str, today: date) -> Iterator[str]:
    """Why a client of the old schema would be surprised by the new one; a sentence each.

    Each change that is not safe is named by the change log, and what the change log names has happened. What is removed
    was deprecated in the old schema, and its day has come.
    """
    named = log.entries(change_log)
    found = {log.Entry(change.kind, change.coordinate): change for change in between(old, new)}
    for entry, change in found.items():
        if change.level is not Level.SAFE and entry not in named:
            yield f"{change.description} That is {change.level}, and the change log does not say so: {entry}…"
    for entry in sorted(named - found.keys()):
        yield f"The change log names what has not happened since the last release: {entry}…"
    reasons = deprecations.reasons(old)
    for change in found.values():
        if change.kind in REMOVALS:
            yield from _too_soon(change, reasons[change.coordinate], today)
    yield from deprecations.faults(new)


def _too_soon(change: Change, reason: str | None, today: date) -> Iterator[str]:
    day = deprecations.goes(reason) if reason else None
    if day is None:
        yield f"{change.description} It was never deprecated, so that nobody knew: deprecate it first."
    elif today < day:
        yield f"{change.description} It was promised until {day}."


def short_notices(old: GraphQLSchema, new: GraphQLSchema, today: date) -> Iterator[str]:
    """What is deprecated by a release of today, and would go before the notice has passed; a sentence each."""
    before, after = deprecations.reasons(old), deprecations.reasons(new)
    earliest = today + deprecations.NOTICE
    notice = f"clients have {deprecations.NOTICE.days} days' notice, until {earliest}"
    for coordinate, reason in after.items():
        if reason and not before.get(coordinate) and (day := deprecations.goes(reason)) and day < earliest:
            yield f"{coordinate} is deprecated and may go on {day}: {notice}."
