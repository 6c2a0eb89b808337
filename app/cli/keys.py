"""`keys`: API keys, made, listed and revoked by whoever holds the database."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from app import identity
from app.errors import Unusable
from app.identity import DEFAULT_SCOPES, NewKey, Revocation, Scope
from app.opening import opened
from app.settings import Settings

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True, add_completion=False)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def named(value: str) -> str:
    if not NAME.fullmatch(value):
        raise typer.BadParameter("1 to 63 of a-z, 0-9, - and _, a letter or digit first.")
    return value


def scopes_of(value: str) -> frozenset[Scope]:
    try:
        return frozenset(Scope(scope.strip()) for scope in value.split(","))
    except ValueError:
        raise Unusable(f"--scopes takes any of {','.join(Scope)}, with commas between") from None


def time_of(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Unusable("--expires takes a date or a time of ISO 8601: 2027-01-31 or 2027-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@app.command("create")
def create(
    tenant: Annotated[str, typer.Option(help="The tenant; made when new.", callback=named)],
    environment: Annotated[str, typer.Option(help="The tenant's environment; made when new.", callback=named)],
    scopes: Annotated[str, typer.Option(help="What the key may do.")] = ",".join(sorted(DEFAULT_SCOPES)),
    expires: Annotated[str | None, typer.Option(help="When it ends: a date or time of ISO 8601.")] = None,
) -> None:
    """Make a key. It alone is written to standard output, this once."""
    new = NewKey(tenant, environment, scopes_of(scopes), time_of(expires) if expires else None)
    asyncio.run(_write(new))
    typer.echo(f"{new.id}: {', '.join(sorted(new.scopes))} in {tenant}/{environment}", err=True)
    typer.echo(new.secret)


@app.command("list")
def list_() -> None:
    """List every key, oldest first: never the keys themselves, which are not stored."""
    asyncio.run(_list())


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id, from `keys list`.")]) -> None:
    """End a key, at once."""
    if not asyncio.run(_write(Revocation(key_id))):
        raise Unusable(f"There is no key {key_id} that is still good")
    typer.echo(f"{key_id} is revoked", err=True)


async def _write(change: NewKey | Revocation) -> object:
    settings = Settings()
    async with opened(settings.database_url, settings.database_options()) as database:
        return await database.write(change)


async def _list() -> None:
    settings = Settings()
    async with opened(settings.database_url, settings.database_options()) as database:
        for key in await database.read(identity.keys):
            ended = f"revoked {key.revoked_at:%F %T}" if key.revoked_at else ""
            expires = f"expires {key.expires_at:%F %T}" if key.expires_at else ""
            where = f"{key.tenant_id}/{key.environment_id}"
            typer.echo("\t".join((key.id, where, key.scopes, f"made {key.created_at:%F %T}", expires, ended)).rstrip())
