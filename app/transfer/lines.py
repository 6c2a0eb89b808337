"""From a file's bytes to its lines: gzip undone, UTF-8 for sure, none longer than a row may be."""

import gzip
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from app.transfer.formats import LONGEST, Malformed

GZIP = b"\x1f\x8b"
WIDE = (b"\xff\xfe", b"\xfe\xff")


class Lines:
    """The lines of a file that is held open, from the first one on each time that they are walked.

    `number` is the line that was read last. What is no text is `Malformed`; damaged gzip is what `gzip` raises.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> Iterator[str]:
        self.number = 0
        readline: Callable[[int], str] = self._text().readline
        while line := readline(LONGEST + 1):
            self.number += 1
            if len(line) > LONGEST:
                raise Malformed(f"is longer than {LONGEST:,} characters", self.number)
            if not line.isascii():
                try:
                    line.encode()
                except UnicodeEncodeError:
                    raise Malformed("is not UTF-8. Save the file in that encoding", self.number) from None
            yield line

    def first(self) -> str:
        """The first line that is not blank; the empty text when there is none."""
        if self._head() in WIDE:
            raise Malformed("is UTF-16. Save the file as UTF-8", 1)
        first = next((line for line in self if line.strip()), "")
        if first.lstrip().startswith("["):
            raise Malformed(
                "begins a JSON array. Write each object on a line of its own, without brackets", self.number
            )
        return first

    def _head(self) -> bytes:
        self._file.seek(0)
        return self._file.read(2)

    def _text(self) -> io.TextIOWrapper:
        is_gzip = self._head() == GZIP
        self._file.seek(0)
        # Never closed, or the file would be too; its bytes that are not UTF-8 come as surrogates, to be found above.
        raw = cast(BinaryIO, gzip.GzipFile(fileobj=self._file) if is_gzip else _Borrowed(self._file))
        return io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")


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
