"""From lines to rows: CSV after RFC 4180, and one JSON object a line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.transfer.names import REASONS, Columns
from app.validation import FieldProblem

# Characters of one row. The largest customer that can be valid has a hundredth of it.
LONGEST = 16 * 1024 * 1024

# More than the limit above, so that it is ours that is told.
csv.field_size_limit(2 * LONGEST)


class Malformed(Exception):
    """From this line on the file can't be read."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True, frozen=True)
class Raw:
    """A row as it was read: a CSV row's cells or a JSON line's text."""

    line: int
    content: Sequence[str] | str

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, str) else sum(map(len, self.content))

    def kept(self) -> str:
        return orjson.dumps(self.content).decode()


def csv_rows(lines: Iterator[str]) -> Iterator[Raw]:
    """The rows after the header."""
    rows = _csv_records(lines)
    next(rows, None)
    return rows


def csv_header(lines: Iterator[str]) -> Sequence[str]:
    for row in _csv_records(lines):
        return [name.strip() for name in row.content]
    raise Malformed("is missing: the file is empty", 1)


def _csv_records(lines: Iterator[str]) -> Iterator[Raw]:
    begun = line = size = 0

    def counted() -> Iterator[str]:
        nonlocal line, size
        for text in lines:
            line += 1
            size += len(text)
            if size > LONGEST:
                raise Malformed(f"begins a row of more than {LONGEST:,} characters. Is a quotation mark open?", begun)
            yield text

    records = csv.reader(counted(), strict=True)
    while True:
        begun, size = line + 1, 0
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            what = "opens a quotation mark that is never closed" if "end of data" in str(error) else str(error)
            raise Malformed(what if "opens" in what else f"is no CSV: {what}", begun) from None
        if cells:
            yield Raw(begun, cells)


def json_rows(lines: Iterator[str]) -> Iterator[Raw]:
    for number, line in enumerate(lines, 1):
        if text := line.strip():
            yield Raw(number, text)


def values_of(raw: Raw, columns: Columns) -> dict[str, Any] | FieldProblem:
    """The model's fields of a row, or why it has none."""
    if isinstance(raw.content, str):
        try:
            found = orjson.loads(raw.content)
        except orjson.JSONDecodeError as error:
            return FieldProblem("MALFORMED", f"This is no JSON: {error.msg}.", (), {})
        if not isinstance(found, dict):
            return FieldProblem("MALFORMED", "This is no JSON object.", (), {})
        return columns.values(found.items())
    if len(raw.content) != len(columns.header):
        cells, wanted = len(raw.content), len(columns.header)
        return FieldProblem("MALFORMED", f"This row has {cells} cells, and the header {wanted}.", (), {})
    return columns.row(raw.content)


def with_reasons(content: Sequence[str] | str, columns: Columns, reasons: Sequence[str]) -> str:
    """A refused row in the file's own format, its reasons behind it: to be mended, and read again."""
    if isinstance(content, str):
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError:
            found = None
        row = found if isinstance(found, dict) else {"_row": content}
        return orjson.dumps({**row, **dict(zip(REASONS, reasons, strict=True))}).decode() + "\n"
    own = [i for i, name in enumerate(columns.header) if name not in REASONS]
    cells = [*content, *[""] * (len(columns.header) - len(content))]
    surplus = cells[len(columns.header) :]
    return csv_line([*(cells[i] for i in own), *reasons, *surplus])


def csv_line(cells: Sequence[str]) -> str:
    lines: list[str] = []
    csv.writer(_Lines(lines), lineterminator="\r\n").writerow(cells)
    return lines[0]


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append
