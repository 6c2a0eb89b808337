"""Identifiers: a prefix that says what it is, and a ULID, so that ids sort by their time of creation.

Made by the application and never by a sequence: a change that is retried keeps its ids.
"""

import os
import re
import threading
import time

from ulid_transform import bytes_to_ulid

CUSTOMER = "cust"
EVENT = "evt"
API_KEY = "key"

# Crockford's base 32, 128 bits: the first digit carries only three.
_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"


# Of random bytes: so many in each id, and so many at once from the system.
RANDOM, BLOCK = 10, 1000


class _Randomness(threading.local):
    """Nobody can guess it. To ask the system for each id would give the interpreter away each time."""

    block = b""

    def take(self) -> bytes:
        taken, self.block = self.block[:RANDOM], self.block[RANDOM:]
        if not taken:
            block = os.urandom(BLOCK)
            taken, self.block = block[:RANDOM], block[RANDOM:]
        return taken

    def forget(self) -> None:
        self.block = b""


_randomness = _Randomness()
if hasattr(os, "register_at_fork"):
    # Or two processes would have the same.
    os.register_at_fork(after_in_child=_randomness.forget)


def new(prefix: str) -> str:
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{bytes_to_ulid(milliseconds.to_bytes(6, 'big') + _randomness.take())}"


def is_well_formed(prefix: str, value: str) -> bool:
    return re.fullmatch(f"{prefix}_{_ULID}", value) is not None
