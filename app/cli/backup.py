"""`backup`: a SQLite database in one file, copied while it is served."""

import os
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.database import Database
from app.errors import Unusable
from app.settings import Settings

# Between two steps Ctrl-C is heard. 4,096 pages are 16 MiB.
STEP = 4096

# What SQLite keeps beside a database that is, or was, in use.
COMPANIONS = ("-wal", "-shm", "-journal")


def backup(
    file: Annotated[Path, typer.Argument(help="The copy, which must not exist yet.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it exists.")] = False,
) -> None:
    """Copy the SQLite database, while it is served, into one file that can be served in its place."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    source = source_of(Settings().database_url)
    check(file, source, force)
    try:
        size = write(source, file, force)
    except OSError as error:
        raise Unusable(f"{file} can't be written: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise Unusable(f"{source} can't be copied to {file}: {error}") from error
    typer.echo(f"{file}: {size:,} bytes, checked", err=True)


def source_of(url: str) -> Path:
    database = Database(url)
    if not database.is_sqlite:
        raise Unusable("backup copies a SQLite database. For PostgreSQL use pg_dump: the README has the commands")
    source = Path(database.engine.url.database or ":memory:")
    if not source.is_file():
        raise Unusable(f"There is no database {source}")
    return source


def check(file: Path, source: Path, force: bool) -> None:
    """Refuse a file that is there, and whatever the caller insists on, one that is a database in use."""
    if file.exists() and file.samefile(source):
        raise Unusable(f"{file} is the database itself")
    if file.exists() and not force:
        raise Unusable(f"{file} exists. To replace it: --force")
    for companion in COMPANIONS:
        # SQLite would take its pages for the copy's own.
        if Path(f"{file}{companion}").exists():
            raise Unusable(f"{file}{companion} exists, so {file} is a database in use")


def write(source: Path, file: Path, force: bool) -> int:
    """Write the copy beside `file`, and give it its name once it is whole and on the disk. Returns its size."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # Its owner's alone.
    os.close(descriptor)
    made = Path(name)
    try:
        copy(source, made)
        verify(made)
        sync(made)
        check(file, source, force)
        made.replace(file)
        sync(file.parent)
    finally:
        for leftover in ("", *COMPANIONS):
            Path(f"{made}{leftover}").unlink(missing_ok=True)
    return file.stat().st_size


def copy(source: Path, made: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as reader,
        closing(sqlite3.connect(made, isolation_level=None)) as writer,
    ):
        # One snapshot for all steps: without it each commit of another process sends the copy back to its first page.
        # In WAL mode a reader keeps no writer waiting.
        reader.execute("PRAGMA busy_timeout=10000")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        writer.execute("PRAGMA journal_mode=OFF")
        writer.execute("PRAGMA synchronous=OFF")
        reader.backup(writer, pages=STEP, progress=lambda *_: None)


def verify(made: Path) -> None:
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        # The pages come from a WAL database and say so. A file that stands alone has no WAL.
        connection.execute("PRAGMA journal_mode=DELETE")
        [fault] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if fault != "ok":
        raise Unusable(f"The copy is damaged, and so may be the database: {' '.join(fault.split())}")


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk; a folder where the system has a way to."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
