"""A file of customers: found out about as a whole before the first of its rows is stored."""

import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from app.errors import Unusable
from app.transfer import formats
from app.transfer.formats import Malformed, Raw
from app.transfer.lines import Lines
from app.transfer.names import Columns, check_targets, field_of


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


class Source:
    """A file, held open: the same bytes from the first look to the last row, or it says that they are not.

    It is read whole when it is made, so that what no row can be blamed for (a truncated archive, another encoding, a
    quotation mark that is never closed) is told before anything is stored. `Unusable` tells it, with the line.
    """

    def __init__(self, file: BinaryIO, name: str, format: Format | None, renamed: Mapping[str, str]) -> None:
        self.name = name
        self._file = file
        self._lines = Lines(file)
        with self._explained():
            self._stamp = self._stamped()
            file.seek(0)
            self.digest = hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()
            self.format = format or (Format.JSONL if self._lines.first().lstrip().startswith("{") else Format.CSV)
            self.columns = self._columns(renamed)
            self.total = sum(1 for _ in self._rows())
        self.check_unchanged()

    @classmethod
    @contextmanager
    def opened(
        cls, path: str, format: Format | None = None, renamed: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """The file at the path. For `-` it is standard input, kept on disk meanwhile: it has to be read twice."""
        try:
            file: IO[bytes] = tempfile.TemporaryFile() if path == "-" else Path(path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise Unusable(f"{path} can't be read: {error.strerror or error}") from error
        with file:
            if path == "-":
                try:
                    shutil.copyfileobj(sys.stdin.buffer, file)
                    file.seek(0)
                except OSError as error:
                    raise Unusable(f"Standard input can't be kept for reading: {error.strerror or error}") from error
            yield cls(cast(BinaryIO, file), "standard input" if path == "-" else path, format, renamed or {})

    def rows(self, after: int = 0) -> Iterator[Raw]:
        """The rows behind the first `after`, each with the line on which it begins."""
        with self._explained():
            for number, row in enumerate(self._rows()):
                if number >= after:
                    yield row

    def check_unchanged(self) -> None:
        """Raises `Unusable` when somebody has written to the file since it was opened."""
        if self._stamped() != self._stamp:
            raise Unusable(
                f"{self.name} was changed while it was read, somewhere before line {self._lines.number + 1}. What was "
                "stored until then stays. When the file is whole, import it again with --on-conflict skip"
            )

    def _stamped(self) -> tuple[int, int]:
        stat = os.fstat(self._file.fileno())
        return stat.st_size, stat.st_mtime_ns

    def _rows(self) -> Iterator[Raw]:
        lines = iter(self._lines)
        return formats.csv_rows(lines) if self.format is Format.CSV else formats.json_rows(lines)

    def _columns(self, renamed: Mapping[str, str]) -> Columns:
        if self.format is Format.JSONL:
            check_targets(renamed)
            return Columns({key: field_of(name) if name else None for key, name in renamed.items()})
        return Columns.of(formats.csv_header(iter(self._lines)), renamed)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Malformed as error:
            raise Unusable(f"{self.name}: line {error.line} {error}") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Unusable(
                f"{self.name}: the gzip data is damaged or ends too early, after line {self._lines.number}"
            ) from error
        except OSError as error:
            raise Unusable(
                f"{self.name} can't be read, after line {self._lines.number}: {error.strerror or error}"
            ) from error
