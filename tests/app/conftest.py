"""Databases in whatever state a test wants them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from app.database import Database
from app.opening import connected
from tests.postgres import fresh_database

Empty: TypeAlias = Callable[[], Awaitable[Database]]


@pytest.fixture
async def empty(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Empty]:
    """Makes empty databases of this test's own."""
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else ""
    numbers = count()
    async with AsyncExitStack() as stack:

        async def make() -> Database:
            if server:
                url = stack.enter_context(fresh_database(server))
            else:
                url = f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
            return await stack.enter_async_context(connected(url))

        yield make
