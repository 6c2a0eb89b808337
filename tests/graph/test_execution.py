"""What is kept between operations, and what can't be executed here."""

from dataclasses import replace

import pytest
import strawberry
from strawberry.extensions import MaskErrors

from graph.execution import Execution, Operation
from graph.limits import DEFAULTS
from tests.graph.toy import Query, schema

pytestmark = pytest.mark.anyio


def query(text: str, name: str | None = None) -> Operation:
    return Operation(text, name, {}, {}, read_only=True)


async def test_a_document_is_parsed_validated_and_weighed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = Execution(schema)
    first = await execution.execute(query("{ echo }"), None)
    monkeypatch.delattr("graph.documents.parse")
    monkeypatch.delattr("graph.validation.validate")
    monkeypatch.delattr("graph.documents.compiled")
    assert (await execution.execute(query("{ echo }"), None)).data == first.data == {"echo": "hi"}


async def test_a_refused_document_is_refused_again_without_being_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = Execution(schema)
    documents = ["{", "{ nothing }", "{ echo(text: 5) }", "{" + " echo" * 1_001 + "}", "{ __typename @skip }"]
    first = [await execution.execute(query(document), None) for document in documents]
    monkeypatch.delattr("graph.documents.parse")
    again = [await execution.execute(query(document), None) for document in documents]
    assert [told(result) for result in again] == [told(result) for result in first]


def told(result: object) -> list[object]:
    errors = getattr(result, "errors", ())
    return [(type(error), error.message, error.locations, error.extensions) for error in errors]


async def test_documents_that_are_kept_take_a_bounded_space() -> None:
    execution = Execution(schema, replace(DEFAULTS, cached_bytes=100_000))
    for number in range(400):
        result = await execution.execute(query(f"{{ a{number}: echo }}"), None)
        assert result.data == {f"a{number}": "hi"}
    kept = execution._documents._kept
    assert list(kept)[-1] == "{ a399: echo }"
    assert sum(document.size for document in kept.values()) == execution._documents._size <= 100_000


async def test_a_document_larger_than_the_whole_space_is_executed_and_not_kept() -> None:
    execution = Execution(schema, replace(DEFAULTS, cached_bytes=10_000))
    await execution.execute(query("{ echo }"), None)
    result = await execution.execute(query("{ echo }".ljust(10_000)), None)
    assert result.data == {"echo": "hi"}
    assert list(execution._documents._kept) == ["{ echo }"]


async def test_refused_documents_push_out_no_good_ones_and_are_forgotten_themselves() -> None:
    execution = Execution(schema)
    await execution.execute(query("{ echo }"), None)
    for number in range(300):
        result = await execution.execute(query(f"{{ nothing{number} }}"), None)
        assert (result.executed, len(result.errors)) == (False, 1)
    assert list(execution._documents._kept) == ["{ echo }"]
    assert len(execution._documents._refused) == 100


async def test_what_is_remembered_of_a_refused_document_does_not_hold_it() -> None:
    execution = Execution(schema)
    for text in ("{ nothing }".ljust(20_000), "{ echo(text: 5) }", "{" + "x" * 20_000, "{ a" + "x" * 20_000 + " }"):
        await execution.execute(query(text), None)
    for errors in execution._documents._refused.values():
        for error in errors:
            assert (error.nodes, error.__traceback__, len(error.source.body if error.source else "")) == (None, None, 0)
            assert len(error.message) < 2_000


def test_refuses_a_schema_with_extensions_that_it_would_not_run() -> None:
    with pytest.raises(ValueError, match="extensions"):
        Execution(strawberry.Schema(Query, config=schema.config, extensions=[MaskErrors]))
