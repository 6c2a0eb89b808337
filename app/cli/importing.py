"""`import`: a file of customers moved in."""

import asyncio
import gc
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated

import typer

from app.cli.reporting import looking, reporting
from app.errors import Unusable
from app.opening import explained, opened
from app.settings import Settings
from app.transfer import Counts, Format, Importer, OnConflict, Source, environment_of
from app.transfer.names import FIELDS
from app.transfer.progress import Run
from app.transfer.rehearsal import rehearsing

ACTOR = "import"

# Seconds: a whole batch is one statement.
PATIENCE = 600.0

ALL, NONE, SOME, INTERRUPTED = 0, 1, 2, 130

HELP = "\n\n".join(
    (
        "Move customers in from a file. Exit code: 0 all rows are in, 1 none or it failed, 2 some are.",
        f"Its columns, or keys of its objects: {', '.join(FIELDS)}. Only externalId must be there. Metadata may be in "
        "columns metadata.KEY, and a provider's id in one such as integrationEntityMapping.STRIPE.",
        "Interrupted, the same command goes on where it ended. Rows that are refused go to a file of their own, with "
        "the reasons: mend them there and import that file.",
    )
)


def import_(
    file: Annotated[str, typer.Argument(help="CSV with a header or JSON lines, gzip of either; - for standard input.")],
    tenant: Annotated[str | None, typer.Option(help="The tenant; may be left out when there is one.")] = None,
    environment: Annotated[str | None, typer.Option(help="The environment; likewise.")] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD, COLUMN=metadata.KEY, or COLUMN= to leave it out. Repeatable."),
    ] = None,
    on_conflict: Annotated[
        OnConflict, typer.Option(help="What to do when a customer has the external id already.")
    ] = OnConflict.FAIL,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find every problem, and store nothing.")] = False,
    rejects: Annotated[
        str | None, typer.Option(help="Where refused rows go. FILE.rejects.csv or .jsonl when left out.")
    ] = None,
    format: Annotated[Format | None, typer.Option(help="The file's format; told by its content when left out.")] = None,
    onboarding: Annotated[
        bool, typer.Option("--onboarding", help="Start the onboarding workflow for each, as for a sign-up.")
    ] = False,
) -> None:
    # Millions of short-lived rows: the collector would look through all of the program for them.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # Seconds. Of its two threads, one waits for the database, and should not then wait for the other.
    sys.setswitchinterval(0.0005)
    renamed = dict(map(pair, mapped or ()))
    with ExitStack() as stack:
        with looking("standard input" if file == "-" else file):
            source = stack.enter_context(Source.opened(file, format, renamed))
        target = rejects or (f"import.rejects.{source.format}" if file == "-" else f"{file}.rejects.{source.format}")
        try:
            counts = asyncio.run(
                _import(source, (tenant, environment), renamed, on_conflict, onboarding, target, dry_run)
            )
        except KeyboardInterrupt:
            typer.echo("Interrupted. Run the same command again to go on.", err=True)
            raise typer.Exit(INTERRUPTED) from None
    summarise(counts, target, dry_run=dry_run)
    raise typer.Exit(ALL if not counts.refused else SOME if counts.good else NONE)


# Not written below it: Typer keeps the ends of a docstring's lines.
import_.__doc__ = HELP


def pair(text: str) -> tuple[str, str]:
    column, equals, name = text.partition("=")
    if not equals or not column:
        raise Unusable("--map takes COLUMN=FIELD")
    return column, name


async def _import(
    source: Source,
    where: tuple[str | None, str | None],
    renamed: dict[str, str],
    on_conflict: OnConflict,
    onboarding: bool,
    target: str,
    dry_run: bool,
) -> Counts:
    settings = Settings()
    options = replace(settings.database_options(), statement_timeout=PATIENCE)
    async with opened(settings.database_url, options) as database:
        with explained():
            actor = await database.read(lambda connection: environment_of(connection, *where, ACTOR))
            run = Run(actor, source.digest, on_conflict, onboarding, tuple(renamed.items()))
            async with rehearsing(database, actor, wanted=dry_run) as stage:
                importer = Importer(stage, run, source, lambda counts: None)
                begun = (await importer.begin()).settled
                with reporting("Checking" if dry_run else "Importing", source.total, begun) as tell:
                    importer.told = lambda counts: tell(counts.settled)
                    counts = await importer.work()
                await importer.end(target)
            return counts


def summarise(counts: Counts, target: str, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    parts = (
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.unchanged, "unchanged"),
        (counts.skipped, "skipped"),
        (counts.refused, "refused"),
    )
    told = ", ".join(f"{count:,} {would}{what}" for count, what in parts if count)
    typer.echo(f"{told or 'The file has no rows'}.", err=True)
    if counts.refused:
        typer.echo(f"The refused rows, with the reasons: {target}", err=True)
