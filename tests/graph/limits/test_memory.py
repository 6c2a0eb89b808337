"""Documents without end leave memory as it is."""

import gc
from dataclasses import replace

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from graph.execution import Execution, Operation
from graph.limits import DEFAULTS
from graph.schema import schema

# Ten thousand documents, each of which is parsed and validated.
pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BATCH = 2500


def resident() -> int:
    """What this process has of the machine's memory, in MiB."""
    gc.collect()
    return int(psutil.Process().memory_info().rss) >> 20


async def send(execution: Execution, query: str, first: int) -> int:
    """A batch of documents of which no two are the same, though the same is executed of each that is valid."""
    for number in range(first, first + BATCH):
        operation = Operation(query.replace("NUMBER", str(number)), "Asked", {}, {}, read_only=True)
        result = await execution.execute(operation, None)
        assert result.executed is ("nothing" not in query)
    return resident()


@pytest.mark.parametrize("field", ["scopes", "nothing"], ids=["valid", "refused"])
async def test_ten_thousand_different_documents_leave_memory_flat(field: str) -> None:
    query = f"query Asked {{ __typename }} query ANUMBER {{ viewer {{ id {field} }} }}"
    execution = Execution(schema, replace(DEFAULTS, cached_bytes=4 << 20))
    sizes = [await send(execution, query, first) for first in range(0, 4 * BATCH, BATCH)]

    # The first of them fill what there is room for.
    assert sizes[-1] - sizes[0] <= 8, sizes
