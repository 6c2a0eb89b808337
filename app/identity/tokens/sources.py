"""Where an issuer's keys are read from. Neither way blocks, and neither reads without end."""

import asyncio
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Protocol

import httpx2 as httpx

from app.identity.tokens.keysets import Unreadable
from app.identity.tokens.trust import is_remote

MOST_BYTES = 256 * 1024
# Seconds for all of it, however slowly it comes.
PATIENCE = 5.0


class Source(Protocol):
    """Reads the keys as they are now. Raises Unreadable, in words that name no secret."""

    async def read(self) -> bytes: ...

    async def close(self) -> None: ...


def source_of(keys: str) -> Source:
    return Remote(keys) if is_remote(keys) else File(Path(keys))


class File:
    """A file, which may be replaced while it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> bytes:
        return await asyncio.to_thread(self._read)

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise Unreadable(f"it can't be read: {error.strerror}") from None
        return _bounded(raw)

    async def close(self) -> None:
        pass


class Remote:
    """A URL. Redirects are not followed: where the keys are is for the operator to say."""

    def __init__(self, url: str) -> None:
        self._url = url
        is_outside = url.startswith("https:")
        self._client = httpx.AsyncClient(
            # A proxy that the environment names knows the world outside, not this machine's own addresses.
            trust_env=is_outside,
            # Where nothing is encrypted, there are no certificates to load.
            verify=True if is_outside else SSLContext(PROTOCOL_TLS_CLIENT),
            timeout=PATIENCE,
            # Not compressed, so that what is counted is what arrives.
            headers={"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"},
        )

    async def read(self) -> bytes:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._read()
        except TimeoutError:
            raise Unreadable("it took too long") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreadable(f"it can't be fetched: {type(error).__name__}") from None

    async def _read(self) -> bytes:
        async with self._client.stream("GET", self._url) as response:
            if response.status_code != 200:
                raise Unreadable(f"it answers with status {response.status_code}")
            raw = b""
            async for chunk in response.aiter_raw():
                raw = _bounded(raw + chunk)
            return raw

    async def close(self) -> None:
        await self._client.aclose()


def _bounded(raw: bytes) -> bytes:
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"it has more than {MOST_BYTES} bytes")
    return raw
