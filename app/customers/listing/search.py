"""Searching for a part of a text: what tells exactly, and what an index of trigrams can tell beforehand.

An index intersects the lists of all trigrams that it is asked for, and those that everybody has cost the most. So it is
asked for the rarest piece of a long text only, by how often each occurs among some customers, and not for all of it.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, TextClause, bindparam, case, false, func, or_

from app.customers.tables import CUSTOMERS
from app.database import Text

C = CUSTOMERS.c
TRIGRAM = 3
PIECE = 6  # characters: four trigrams
MOST_PIECES = 32

_searched = bindparam("search", type_=Text)
_lines_before_the_last = func.rtrim(C.search_text, func.replace(C.search_text, func.char(10), ""))

# The external id is always there, on the last line.
_SQLITE = {
    "search": func.instr(C.search_text, _searched) > 0,
    "prefix": case(
        # The rest takes ten times as long.
        (func.instr(C.search_text, _searched) == 0, false()),
        else_=or_(
            func.instr(C.sort_name, _searched) == 1,
            func.instr(func.substr(C.search_text, func.length(_lines_before_the_last) + 1), _searched) == 1,
        ),
    ),
}
_POSTGRESQL = {
    # Not LIKE, for which PostgreSQL would take the index by itself.
    "search": func.strpos(C.search_text, _searched) > 0,
    "prefix": or_(
        func.starts_with(C.sort_name, _searched),
        func.starts_with(func.split_part(C.search_text, "\n", -1), _searched),
    ),
}

# By how much there is to go by. A single letter has no trigram, not even at the beginning of a line.
CONDITIONS: Mapping[str, Mapping[str, ColumnElement[bool]]] = {
    "sqlite": {**_SQLITE, "initial": _SQLITE["prefix"]},
    "postgresql": {**_POSTGRESQL, "initial": _POSTGRESQL["prefix"]},
}

# What PostgreSQL's index is asked for. SQLite's is a table, to be joined.
INDEXED: Mapping[str, ColumnElement[bool]] = {
    "search": C.search_text.like(bindparam("piece", type_=Text), escape="\\"),
    "prefix": or_(
        C.search_text.like(bindparam("first_line", type_=Text), escape="\\"),
        C.search_text.like(bindparam("later_line", type_=Text), escape="\\"),
    ),
}


# Which part of all customers are the tenant's, as PostgreSQL last estimated; NULL when it has not, or when few are.
SHARE = TextClause(
    """SELECT most_common_freqs[array_position(most_common_vals::text::text[], :tenant_id)] FROM pg_stats
       WHERE schemaname = current_schema() AND tablename = 'customers' AND attname = 'tenant_id'"""
)
LARGE = 0.25


def kind(text: str) -> str:
    return "search" if len(text) >= TRIGRAM else "prefix" if len(text) == TRIGRAM - 1 else "initial"


def parameters(text: str) -> dict[str, str]:
    """What the conditions are executed with, for a casefolded text."""
    pattern = _pattern(text)
    by_line = {"first_line": f"{pattern}%", "later_line": f"%\n{pattern}%"}
    return {"search": text, **by_line, **indexed_by(text if len(text) >= TRIGRAM else f"\n{text}")}


def indexed_by(piece: str) -> dict[str, str]:
    return {"piece": f"%{_pattern(piece)}%", "trigrams": _all_of(_trigrams(piece))}


def pieces(text: str) -> list[str]:
    """What a text consists of, overlapping; nothing when it is too short to be worth it."""
    last = len(text) - PIECE
    step = max(PIECE // 2, last // MOST_PIECES)
    return [text[n : n + PIECE] for n in (*range(0, last, step), last)] if last > 1 else []


def rarest(pieces: Sequence[str], texts: Sequence[str]) -> str:
    """The piece that the fewest of the texts have; of several, the one with the most different trigrams.

    Then the one with the most ASCII: on a database whose locale is C, PostgreSQL makes trigrams of nothing else.
    """

    def weight(piece: str) -> tuple[int, int, int]:
        ascii = sum(character.isascii() and character.isalnum() for character in piece)
        return sum(piece in text for text in texts), -len(_trigrams(piece)), -ascii

    return min(pieces, key=weight)


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _trigrams(text: str) -> list[str]:
    return list(dict.fromkeys(text[n : n + TRIGRAM] for n in range(len(text) - TRIGRAM + 1)))


def _all_of(trigrams: Sequence[str]) -> str:
    """FTS5's query for them, quoted. https://sqlite.org/fts5.html#fts5_strings"""
    return " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in trigrams)
