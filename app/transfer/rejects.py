"""The file of the rows that were refused: in the input's own format, with the reasons, to be mended and fed back."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import Connection, and_, func, select

from app.database import Database
from app.errors import Unusable
from app.transfer.files import Format, Source
from app.transfer.formats import csv_line, with_reasons
from app.transfer.names import REASONS
from app.transfer.progress import Run
from app.transfer.tables import ROWS

R = ROWS.c

# Rows that are read at once, and the characters after which it is fewer: so that memory stays flat.
AT_ONCE = 1000
MOST_CHARACTERS = 4 * 1024 * 1024


async def write(database: Database, run: Run, source: Source, path: str) -> None:
    """Write the whole file, which takes the place of an older one only when it is complete. Raises `Unusable`."""
    target = Path(path)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # Its owner's alone.
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                if source.format is Format.CSV:
                    file.write(csv_line([*(c for c in source.columns.header if c not in REASONS), *REASONS]))
                line = 0
                while rows := await database.read(partial(_page, run, line)):
                    file.writelines(
                        with_reasons(orjson.loads(row), source.columns, [str(line), *orjson.loads(problems)[1:]])
                        for line, row, problems in rows
                    )
                    line = rows[-1][0]
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)  # noqa: PTH105, RUF100
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108, RUF100
            raise
    except OSError as error:
        raise Unusable(
            f"{path} can't be written: {error.strerror or error}. The refused rows are kept: run the same command "
            "again, or name another file with --rejects"
        ) from error


def _page(run: Run, after: int, connection: Connection) -> Sequence[tuple[int, str, str]]:
    """The next refused rows: one of any size, or several that are not too long together."""
    refused = and_(run.rows(), R.problems.is_not(None), R.line > after)
    sizes = connection.execute(select(R.line, func.length(R.row)).where(refused).order_by(R.line).limit(AT_ONCE))
    last, together = after, 0
    for line, size in sizes.all():
        together += size
        if last > after and together > MOST_CHARACTERS:
            break
        last = line
    rows = select(R.line, R.row, R.problems).where(refused, R.line <= last).order_by(R.line)
    return [(line, row, problems) for line, row, problems in connection.execute(rows)]
