"""`serve`: the API, until it is told to stop."""

import asyncio
import json
import logging
import signal
import sys
from contextlib import AbstractContextManager, ExitStack
from typing import Annotated

import typer

from app import identity
from app.errors import Unusable
from app.opening import opened
from app.serving.listening import address_of, listen, make_room
from app.serving.server import Server
from app.serving.workers import Workers
from app.settings import Settings, strays

log = logging.getLogger("billfolk")

FIRST_MUTATION = """
mutation {
  createCustomer(input: { externalId: "acme", name: "Acme Inc.", email: "billing@acme.example" }) {
    __typename
    ... on CreateCustomerSuccess { customer { id externalId name createdAt } }
    ... on Error { code message path }
    ... on ValidationErrors { fieldErrors { code message path } }
  }
}
"""


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on: BILLFOLK_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="The port, 0 for a free one: BILLFOLK_PORT.", max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="How many processes: BILLFOLK_WORKERS.", min=1, max=256)] = None,
) -> None:
    """Serve the GraphQL API and GraphiQL at /graphql. An empty database gets its schema and a first key."""
    settings = Settings()
    number = workers or settings.workers
    for warning in filter(None, (*strays(), make_room(settings.max_connections))):
        log.warning("%s", warning)
    # Being told to stop before it serves is no failure either.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        listener = stack.enter_context(listen(host or settings.host, settings.port if port is None else port))
        sockets = [listener]
        if settings.metrics_port is not None:
            sockets.append(stack.enter_context(listen(settings.metrics_host, settings.metrics_port)))
        asyncio.run(prepare(settings, address_of(listener)))
        log.info("serving at %s", address_of(listener))
        if number == 1:
            Server(settings).run(sockets)
        else:
            if settings.has_metrics:
                stack.enter_context(counting_together())
            Workers(sockets, number, settings).run()


def counting_together() -> AbstractContextManager[None]:
    try:
        from app.observing.workers import shared_numbers
    except ImportError:
        raise Unusable("Metrics need an extra: pip install 'billfolk[observability]'") from None
    return shared_numbers()


async def prepare(settings: Settings, address: str) -> None:
    async with opened(settings.database_url, settings.database_options()) as database:
        key = await database.write(identity.FirstKey(identity.NewKey("default", "sandbox")))
    if key:
        body = json.dumps({"query": " ".join(FIRST_MUTATION.split())})
        typer.echo(
            f"A first API key, for tenant 'default' and its environment 'sandbox'. It is shown this once:\n\n"
            f"    {key.secret}\n\n"
            f"GraphiQL: {address}/graphql\n\n"
            f"Create a customer:\n\n"
            f"curl {address}/graphql -H 'Authorization: Bearer {key.secret}' "
            f"-H 'Content-Type: application/json' -d '{body}'\n"
        )
        sys.stdout.flush()
