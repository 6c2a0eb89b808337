"""What the model is made of."""

from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]

PERSONAL = (
    *("externalId", "name", "email", "contact"),
    *("addressLine1", "addressLine2", "addressCity", "addressState", "addressPostalCode", "addressCountry"),
    *("timezone", "metadata"),
)
STAMPS = ("id", "parentCustomerId", "status", "version", "createdAt", "updatedAt", "createdBy", "updatedBy")


class Later:
    """What only the server can say, an id or an instant: equal to the first text it meets, then to that alone."""

    def __init__(self) -> None:
        self.value: str | None = None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Later):
            return self is other
        if self.value is None and isinstance(other, str):
            self.value = other
        return self.value == other

    __hash__ = object.__hash__

    def __str__(self) -> str:
        assert self.value is not None, "the server never said it"
        return self.value

    def __repr__(self) -> str:
        return repr(self.value)


class Refused(Exception):
    """A mutation ends in another member than its success. `shows` names a field, and the customer in it."""

    def __init__(
        self, typename: str, code: str, path: tuple[str, ...], shows: tuple[str, Record] | None = None, **more: Any
    ) -> None:
        self.shows = shows
        self.answer: Record = {"__typename": typename, "code": code, "path": list(path), **more}


@dataclass(frozen=True)
class Actor:
    id: str
    reads: bool


@dataclass(frozen=True)
class Used:
    """What an idempotency key was used for, and what came of it."""

    operation: str
    input: Any
    outcome: Any
