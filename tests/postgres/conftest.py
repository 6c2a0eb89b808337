from collections.abc import Iterator

import pytest

from tests.postgres import execute, fresh_database


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A database with one table, whose duplicates are refused by COMMIT and not before."""
    with fresh_database(postgres_url) as url:
        execute(url, "CREATE TABLE kept (n int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")
        yield url
