"""Any sequence of mutations by two tenants answers and leaves behind what the contract says."""

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, given, settings

from app.database import Database
from tests.graph.customers.stateful.play import two_tenants
from tests.graph.customers.stateful.sequences import sequences
from tests.graph.customers.stateful.steps import Step

pytestmark = pytest.mark.anyio

# One application and database serve all sequences; each has tenants of its own. In CI, which Hypothesis knows by
# itself, the sequences are the same each time.
UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(UNHURRIED, max_examples=10)
@given(steps=sequences(longest=8))
async def test_short_sequences_agree_with_the_model(
    client: httpx.AsyncClient, database: Database, steps: list[Step]
) -> None:
    await (await two_tenants(client, database)).all(steps, always_look=False)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=200)
@given(steps=sequences(longest=20))
async def test_long_sequences_agree_with_the_model_after_each_step(
    client: httpx.AsyncClient, database: Database, steps: list[Step]
) -> None:
    await (await two_tenants(client, database)).all(steps, always_look=True)
