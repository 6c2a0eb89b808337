"""The client."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import monotonic

import httpcore2 as httpcore

from app.outbound import headers as header_sections
from app.outbound.errors import Broken, OutboundError, TimedOut, Unreachable, Untrusted
from app.outbound.names import Names, Resolve
from app.outbound.network import PublicNetwork
from app.outbound.targets import Target, target_of
from app.outbound.terms import Terms
from app.timeouts import wait_until

# Connections without a request that are kept, for less long than servers keep them: most do for five seconds.
MOST_IDLE = 20
IDLE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever the status: a redirect is an answer, too, and is not followed.

    Headers by their names in lower case. The body as it came, cut to the bound; then it is not `whole`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    seconds: float


class Client:
    """Calls what customers name, and nothing that is not public. Raises only what `errors` has.

    It knows no proxy: what the environment names may lead to where this machine may not be called from.
    """

    def __init__(
        self,
        terms: Terms,
        resolve: Resolve,
        ssl_context: ssl.SSLContext | None = None,
        wire: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._terms = terms
        self._timeouts = {
            "connect": terms.connect_timeout,
            "read": terms.read_timeout,
            "write": terms.read_timeout,
        }
        self._pool = httpcore.AsyncConnectionPool(
            # Made once: it reads all of the system's certificates.
            ssl_context=ssl_context or httpcore.default_ssl_context(),
            # No bound: whoever hangs would take the place of others. How many calls there are is the caller's.
            max_connections=None,
            max_keepalive_connections=MOST_IDLE,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=PublicNetwork(resolve, terms.allowed_networks, wire),
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST."""
        began = monotonic()
        target = target_of(url, self._terms)
        fields = header_sections.sent(target, body, headers)
        with translated():
            return await wait_until(began + self._terms.timeout, self._exchange(target, body, fields, began))

    async def _exchange(self, target: Target, body: bytes, fields: list[tuple[bytes, bytes]], began: float) -> Answer:
        async with self._pool.stream(
            "POST",
            httpcore.URL(
                scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path
            ),
            headers=fields,
            content=body,
            extensions={"timeout": self._timeouts},
        ) as response:
            read, whole = await self._bounded(response)
            answered = header_sections.received(response.headers)
            return Answer(response.status, answered, read, whole, monotonic() - began)

    async def _bounded(self, response: httpcore.Response) -> tuple[bytes, bool]:
        read = bytearray()
        async with aclosing(response.aiter_stream()) as chunks:
            async for chunk in chunks:
                read += chunk
                if len(read) > self._terms.most_answer_bytes:
                    return bytes(read[: self._terms.most_answer_bytes]), False
        return bytes(read), True

    async def close(self) -> None:
        await self._pool.aclose()


@contextmanager
def translated() -> Iterator[None]:
    """What the layers below raise, as one of ours."""
    try:
        yield
    except OutboundError:
        raise
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise TimedOut("It took too long.") from error
    except httpcore.ConnectError as error:
        # Only TLS is left: what keeps a connection from coming about has its own words already.
        if any(isinstance(cause, ssl.SSLError) for cause in error.args):
            raise Untrusted("Its certificate is not valid, or it does not speak TLS.") from error
        raise Unreachable("The connection was lost before TLS was agreed on.") from error
    except Exception as error:
        # Whatever it is: the other end decides what the layers below meet with, and whoever calls can't be ended by it.
        raise Broken("The connection was lost, or what came was not HTTP.") from error


@asynccontextmanager
async def calling(terms: Terms) -> AsyncIterator[Client]:
    names = Names()
    client = Client(terms, names.resolve)
    try:
        yield client
    finally:
        await client.close()
        names.close()
