"""Exceptions as a log may have them: types and places.

Their messages are left out. A driver's repeats values that were to be stored; PostgreSQL's detail of a violated
constraint holds them; graphql-core's shows what it could not complete.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from traceback import walk_tb
from typing import Any

LONGEST_CHAIN = 4
MOST_FRAMES = 12

# What tells nobody anything: where the packages are, and Python's own.
_FOLDERS = re.compile(r"^.*/(?:site-packages|lib/python[\d.]+)/|^.*/(?=(?:app|graph)/)").sub


def told(error: BaseException) -> dict[str, Any]:
    """The fields of a record: the exception's type, SQLSTATE and places, those of what caused it first."""
    chain = list(islice(_chain(error), LONGEST_CHAIN))
    state = next((state for link in chain if (state := getattr(link, "sqlstate", None))), None)
    return {
        "exception": name_of(error),
        "sqlstate": state if isinstance(state, str) else None,
        "traceback": [line for link in reversed(chain) for line in (*_places(link), name_of(link))],
    }


def name_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(error: BaseException) -> Sequence[str]:
    frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    return [f"{shortened(code.co_filename)}:{line} {code.co_name}" for code, line in frames[-MOST_FRAMES:]]


def shortened(file: str) -> str:
    return _FOLDERS("", file)
