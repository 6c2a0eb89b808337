"""`export`: an environment's customers as a file."""

import asyncio
import gzip
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import typer

from app.errors import Unusable
from app.opening import explained, opened
from app.settings import Settings
from app.transfer import Format, environment_of, export
from app.transfer.filters import filter_of

# Seconds: whoever reads from a pipe may take a while between two statements.
A_DAY = 86_400.0


def export_(
    tenant: Annotated[str | None, typer.Option(help="The tenant; may be left out when there is one.")] = None,
    environment: Annotated[str | None, typer.Option(help="The environment; likewise.")] = None,
    format: Annotated[Format, typer.Option(help="CSV with a header, or a JSON object a line.")] = Format.CSV,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="FIELD=VALUE or metadata.KEY=VALUE; repeated, all must hold. All when left out."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The file, gzip when it ends in .gz; standard output when left out.")
    ] = None,
) -> None:
    """Write the customers of one moment, archived and erased ones too, in a form that `import` takes back."""
    filter = filter_of(filters or ())
    settings = Settings()
    options = replace(settings.database_options(), statement_timeout=A_DAY)

    async def exported(file: io.TextIOBase) -> int:
        def write(text: str) -> None:
            try:
                file.write(text)
            except OSError as error:
                raise _Unwritten(error) from error

        async with opened(settings.database_url, options) as database:
            with explained():
                actor = await database.read(
                    lambda connection: environment_of(connection, tenant, environment, "export")
                )
                return await export(database, actor, format, write, filter)

    try:
        with written_to(output) as file:
            count = asyncio.run(exported(file))
            file.flush()
    except (OSError, _Unwritten) as error:
        why = error.error if isinstance(error, _Unwritten) else error
        if isinstance(why, BrokenPipeError):
            # Whoever read has read enough. Nothing more can be flushed at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        raise Unusable(f"{output or 'Standard output'} can't be written: {why.strerror or why}") from error
    typer.echo(f"{count:,} customers", err=True)


class _Unwritten(Exception):
    """The file failed, not the database."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error


@contextmanager
def written_to(output: Path | None) -> Iterator[io.TextIOBase]:
    """The file, which gets its name only when it is whole; or standard output, as UTF-8 whatever the locale says."""
    if output is None:
        yield io.TextIOWrapper(cast(io.BufferedWriter, _Open(sys.stdout.buffer)), "utf-8", newline="")
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)  # Its owner's alone.
    try:
        with os.fdopen(descriptor, "wb") as file:
            whole = gzip.GzipFile("", "wb", 6, file, mtime=0) if output.suffix == ".gz" else file
            with io.TextIOWrapper(cast(io.BufferedWriter, _Open(whole)), "utf-8", newline="") as text:
                yield text
            if whole is not file:
                whole.close()
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(output)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


class _Open(io.BufferedIOBase):
    """A file that stays open when the text layer above it is closed."""

    def __init__(self, file: object) -> None:
        self._file = cast(io.BufferedWriter, file)

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return self._file.write(cast(bytes, data))

    def flush(self) -> None:
        self._file.flush()
