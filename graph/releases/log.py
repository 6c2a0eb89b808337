"""The change log: which changes it owns up to, and how a release is entered."""

import re
from datetime import date
from typing import NamedTuple

COMING = "## Unreleased\n"
_ENTRY = re.compile(r"^- (?P<kind>[A-Z_]+) `(?P<coordinate>[^`]+)`: \S", re.MULTILINE)


class Entry(NamedTuple):
    """A change as the log names it: `- KIND `Coordinate`: a sentence for those whom it concerns.`"""

    kind: str
    coordinate: str

    def __str__(self) -> str:
        return f"- {self.kind} `{self.coordinate}`: "


def coming(text: str) -> str:
    """What is said of the next release."""
    _, found, rest = text.partition(COMING)
    if not found:
        raise LookupError(f"the change log has no line {COMING.strip()}")
    return rest.partition("\n## ")[0].strip()


def entries(text: str) -> set[Entry]:
    """The changes that the next release's section names. What else it says is prose."""
    return {Entry(found["kind"], found["coordinate"]) for found in _ENTRY.finditer(coming(text))}


def entered(text: str, version: str, day: date) -> str:
    """The log in which what was coming is that version."""
    return text.replace(COMING, f"{COMING}\n## {version} · {day}\n", 1)
