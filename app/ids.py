"""Identifiers: a prefix that says what it is, and a ULID, so that ids sort by their time of creation.

Made by the application and never by a sequence: a change that is retried keeps its ids.
"""

import re

from ulid import ULID

CUSTOMER = "cust"
EVENT = "evt"
API_KEY = "key"

# Crockford's base 32, 128 bits: the first digit carries only three.
_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"


def new(prefix: str) -> str:
    return f"{prefix}_{ULID()}"


def is_well_formed(prefix: str, value: str) -> bool:
    return re.fullmatch(f"{prefix}_{_ULID}", value) is not None
