"""Documents without end leave memory as it is."""

import gc

import psutil
import pytest

from tests.api import CUSTOMER, Api
from tests.graph.limits.serving import served

# Ten thousand documents, each of which is parsed and validated.
pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BATCH = 2500


def resident() -> int:
    """What this process has of the machine's memory, in MiB."""
    gc.collect()
    return int(psutil.Process().memory_info().rss) >> 20


async def send(api: Api, query: str, first: int) -> int:
    """A batch of documents of which no two are the same. Those that are valid find nobody."""
    for number in range(first, first + BATCH):
        answer = (await api.post(query.replace("NUMBER", str(number)))).json()
        assert ("errors" in answer) is ("nothing" in query)
    return resident()


@pytest.mark.parametrize("nothing", ["", "nothing"], ids=["valid", "refused"])
async def test_ten_thousand_different_documents_leave_memory_flat(database_url: str, nothing: str) -> None:
    query = f'query QNUMBER {{ customer(by: {{id: "NUMBER"}}) {{ {CUSTOMER} {nothing} }} }}'
    async with served(database_url, document_cache_bytes=8 << 20) as api:
        sizes = [await send(api, query, first) for first in range(0, 4 * BATCH, BATCH)]

    # The first of them fill what there is room for.
    assert sizes[-1] - sizes[0] <= 8, sizes
