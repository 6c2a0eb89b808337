"""The two kinds of failure that are not bugs.

What is neither is a bug: the API masks it, and logs it with the request's id.
"""

from enum import StrEnum
from typing import Any, ClassVar


class Expected(Exception):
    """A failure that a caller can cause and mend: a member of the mutation's union.

    `path` leads to what was sent, in `app`'s names: field names, list indexes and `Key`s of maps.
    """

    code: ClassVar[str]

    def __init__(self, message: str, path: "Path" = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class Key(str):
    """A key of a caller's own map in a path: never renamed, unlike a field's name."""

    __slots__ = ()


Path = tuple[str | int, ...]


class RefusalCode(StrEnum):
    """`extensions.code` of a top-level GraphQL error."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    RATE_LIMITED = "RATE_LIMITED"
    TOO_LARGE = "TOO_LARGE"
    BUSY = "BUSY"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"


class Refused(Exception):
    """A failure that only an operator or a client's programmer can mend: a top-level GraphQL error."""

    def __init__(self, code: RefusalCode, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extensions = extensions


class Unusable(Exception):
    """A setting, a file or a port with which the process can't run: one line, exit code 1."""
