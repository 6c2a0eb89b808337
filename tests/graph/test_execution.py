"""What is kept between operations, and what can't be executed here."""

import pytest
import strawberry
from strawberry.extensions import MaskErrors

from graph.execution import CACHED_CHARACTERS, Execution, Operation
from tests.graph.toy import Query, schema

pytestmark = pytest.mark.anyio


def query(text: str) -> Operation:
    return Operation(text, None, {}, {}, read_only=True)


async def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = Execution(schema)
    first = await execution.execute(query("{ echo }"), None)
    monkeypatch.delattr("graph.execution.parse")
    monkeypatch.delattr("graph.execution.validate")
    assert (await execution.execute(query("{ echo }"), None)).data == first.data == {"echo": "hi"}


async def test_documents_that_are_kept_take_a_bounded_space() -> None:
    execution = Execution(schema)
    for number in range(400):
        result = await execution.execute(query(f"{{ a{number}: echo }}".ljust(1024)), None)
        assert result.data == {f"a{number}": "hi"}
    assert sum(map(len, execution._documents)) <= CACHED_CHARACTERS


async def test_a_document_longer_than_the_whole_space_is_executed_and_not_kept() -> None:
    execution = Execution(schema)
    await execution.execute(query("{ echo }"), None)
    result = await execution.execute(query("{ echo }".ljust(CACHED_CHARACTERS + 1)), None)
    assert result.data == {"echo": "hi"}
    assert list(execution._documents) == ["{ echo }"]


async def test_refused_documents_are_not_kept() -> None:
    execution = Execution(schema)
    result = await execution.execute(query("{ nothing }"), None)
    assert (result.executed, len(result.errors)) == (False, 1)
    assert not execution._documents


def test_refuses_a_schema_with_extensions_that_it_would_not_run() -> None:
    with pytest.raises(ValueError, match="extensions"):
        Execution(strawberry.Schema(Query, config=schema.config, extensions=[MaskErrors]))
