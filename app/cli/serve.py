"""`serve`: the API, until it is told to stop."""

import asyncio
import json
import logging
import signal
import socket
import sys
from contextlib import ExitStack
from typing import Annotated

import typer
import uvicorn

from app import identity
from app.errors import Unusable
from app.observing import logs
from app.opening import opened
from app.settings import Settings

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
) -> None:
    """Serve the GraphQL API and GraphiQL at /graphql. An empty database gets its schema and a first key."""
    settings = Settings()
    # uvicorn drains and then raises the signal again, for whoever listened before: being told to stop is no failure.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        listener = stack.enter_context(listen(host or settings.host, settings.port if port is None else port))
        sockets = [listener]
        if settings.metrics_port is not None:
            sockets.append(stack.enter_context(listen(settings.metrics_host, settings.metrics_port)))
        asyncio.run(prepare(settings, address_of(listener)))
        log.info("serving at %s", address_of(listener))
        # An import string, so that the application knows nothing of the API that translates for it.
        config = uvicorn.Config(
            "graph.asgi:app", server_header=False, access_log=False, log_config=logs.configuration(settings)
        )
        uvicorn.Server(config).run(sockets=sockets)


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Taken first: a port in use is told before anything else is done."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason, _, _ = (error.strerror or str(error)).partition(" (while attempting")
        raise Unusable(f"Can't listen on {host} port {port}: {reason}") from error


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
