"""With prepared operations and without, everything is answered alike."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graph.prepared.differential import templates
from tests.graph.prepared.registries import Call, Template
from tests.graph.prepared.zoos import Visit, Zoos

# Where a field fails, graphql-core leaves its siblings' coroutines as they are.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))
visits = st.randoms(use_true_random=False).map(Visit.drawn)
calls = st.randoms(use_true_random=False).map(Call.drawn)


@pytest.fixture(scope="module")
async def template() -> AsyncIterator[Template]:
    async with templates() as made:
        yield made


@settings(UNHURRIED, max_examples=50)
@given(visits=visits)
async def test_zoos_answer_alike(visits: list[Visit]) -> None:
    await Zoos().compare(visits)


@settings(UNHURRIED, max_examples=20)
@given(calls=calls)
async def test_registries_answer_alike(template: Template, calls: list[Call]) -> None:
    async with template.registries() as both:
        await both.compare(calls)
        await both.compare_data()


@pytest.mark.slow
@settings(UNHURRIED, max_examples=500)
@given(visits=visits)
async def test_many_zoos_answer_alike(visits: list[Visit]) -> None:
    await Zoos().compare(visits)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=100)
@given(documents=st.lists(calls, min_size=2, max_size=6))
async def test_many_registries_answer_alike(template: Template, documents: list[list[Call]]) -> None:
    async with template.registries() as both:
        for calls in documents:
            await both.compare(calls)
        await both.compare_data()
