"""A file of customers: found out about as a whole before the first of its rows is stored."""

import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from app.errors import Unusable
from app.transfer import formats
from app.transfer.formats import LONGEST, Malformed, Raw
from app.transfer.names import Columns, check_targets, field_of

GZIP = b"\x1f\x8b"
WIDE = (b"\xff\xfe", b"\xfe\xff")


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
        self._line = 0
        with self._explained():
            self._stamp = self._stamped()
            self.digest = hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()
            self.is_gzip = self._head() == GZIP
            self.format = format or self._guessed()
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
                f"{self.name} was changed while it was read, somewhere before line {self._line + 1}. What was stored "
                "until then stays. When the file is whole, import it again with --on-conflict skip"
            )

    def _stamped(self) -> tuple[int, int]:
        stat = os.fstat(self._file.fileno())
        return stat.st_size, stat.st_mtime_ns

    def _head(self) -> bytes:
        self._file.seek(0)
        return self._file.read(2)

    def _text(self) -> io.TextIOWrapper:
        self._file.seek(0)
        # Never closed, or the file would be too; its bytes that are not UTF-8 come as surrogates, to be found below.
        raw = cast(BinaryIO, gzip.GzipFile(fileobj=self._file) if self.is_gzip else _Borrowed(self._file))
        return io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")

    def _lines(self) -> Iterator[str]:
        self._line = 0
        readline: Callable[[int], str] = self._text().readline
        while line := readline(LONGEST + 1):
            self._line += 1
            if len(line) > LONGEST:
                raise Malformed(f"is longer than {LONGEST:,} characters", self._line)
            if not line.isascii():
                try:
                    line.encode()
                except UnicodeEncodeError:
                    raise Malformed("is not UTF-8. Save the file in that encoding", self._line) from None
            yield line

    def _rows(self) -> Iterator[Raw]:
        return formats.csv_rows(self._lines()) if self.format is Format.CSV else formats.json_rows(self._lines())

    def _guessed(self) -> Format:
        if self._head() in WIDE:
            raise Malformed("is UTF-16. Save the file as UTF-8", 1)
        first = next((line for line in self._lines() if line.strip()), "")
        return Format.JSONL if first.lstrip().startswith("{") else Format.CSV

    def _columns(self, renamed: Mapping[str, str]) -> Columns:
        if self.format is Format.JSONL:
            check_targets(renamed)
            return Columns({key: field_of(name) if name else None for key, name in renamed.items()})
        header = formats.csv_header(self._lines())
        return Columns.of(header, renamed)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Malformed as error:
            raise Unusable(f"{self.name}: line {error.line} {error}") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Unusable(
                f"{self.name}: the gzip data is damaged or ends too early, after line {self._line}"
            ) from error
        except OSError as error:
            raise Unusable(f"{self.name} can't be read, after line {self._line}: {error.strerror or error}") from error


class _Borrowed(io.BufferedIOBase):
    """The file's bytes, without the right to close it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._file.read(size)
