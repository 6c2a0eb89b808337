"""How a text that a caller sends is judged, the same everywhere.

A text is trimmed, then counted, then read character by character, then held against its format; the
first rule that it breaks is the one that is told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# Unicode's White_Space property. `str.strip()` alone would also take U+001C to U+001F, which are controls.
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

# Categories Cc and Cs: what PostgreSQL refuses, UTF-8 can't carry, or a terminal would obey.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNPRINTABLE_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_PRINTABLE_ASCII = re.compile("[^\x20-\x7e]")


class Format(StrEnum):
    """The formats that an INVALID_FORMAT can name."""

    EMAIL = "EMAIL"
    TEXT = "TEXT"
    EXTERNAL_ID = "EXTERNAL_ID"
    IDEMPOTENCY_KEY = "IDEMPOTENCY_KEY"


@dataclass(frozen=True, slots=True)
class TextRule:
    """A text of `least` to `most` characters (code points), trimmed unless `exact`; empty is None unless `least`.

    Stands in an `Annotated` type of a pydantic model, where a table's CHECK finds the same limits.
    """

    most: int | None = None
    least: int = 0
    exact: bool = False
    format: Format = Format.TEXT
    lines: bool = False
    then: Callable[[str], str] | None = None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.judge)

    def judge(self, value: object) -> str | None:
        if value is None:
            if not self.least:
                return None
            value = ""
        if not isinstance(value, str):
            raise PydanticCustomError("INVALID_TYPE", "This must be a text.")
        text = value if self.exact else value.strip(WHITE_SPACE)
        if not text and not self.least and not self.exact:
            return None
        length = len(text)
        if length < self.least or (self.most is not None and length > self.most):
            self._count(length)
        # What is printable holds nothing that a plain text may not.
        if self.format is not Format.TEXT or not text.isprintable():
            self._read(text)
        return self.then(text) if self.then else text

    def _count(self, length: int) -> None:
        limits = {"min": self.least or None, "max": self.most, "actual": length}
        if length < self.least:
            at_least = "1 character" if self.least == 1 else f"{self.least} characters"
            raise PydanticCustomError("TOO_SHORT", f"This must have at least {at_least}.", limits)
        if self.most is not None and length > self.most:
            raise PydanticCustomError("TOO_LONG", f"This must have at most {self.most} characters.", limits)

    def _read(self, text: str) -> None:
        if self.format is Format.EXTERNAL_ID and (_UNPRINTABLE.search(text) or text != text.strip(WHITE_SPACE)):
            raise malformed(self.format, "An external id has no control characters, and no space around it.")
        if self.format is Format.IDEMPOTENCY_KEY and _NOT_PRINTABLE_ASCII.search(text):
            raise malformed(self.format, "An idempotency key has printable ASCII characters only.")
        if (_UNPRINTABLE_BUT_LINES if self.lines else _UNPRINTABLE).search(text):
            raise malformed(Format.TEXT, "This holds a control character or half of a surrogate pair.")


def malformed(format: Format, message: str) -> PydanticCustomError:
    return PydanticCustomError("INVALID_FORMAT", message, {"format": format})


def is_storable(text: str) -> bool:
    """Whether a database can hold the text at all. What it can't hold, it has not got."""
    return not _UNPRINTABLE_BUT_LINES.search(text)
