"""Whatever is sent, the answer is a 4xx in GraphQL's shape, and soon."""

import json
from dataclasses import replace
from typing import Any

import pytest
from annotated_types import Le

from app.settings.limits import LimitSettings
from graph.execution import Execution, Operation
from graph.limits import DEFAULTS
from tests.graph.toy import GRAPHQL, ask, schema, send_raw

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
INVITE = "mutation ($input: Guest!) { invite(input: $input) }"


async def post(body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    start, answer = await send_raw([{"type": "http.request", "body": body}], headers)
    return start["status"], json.loads(answer["body"])


def nested(depth: int, inner: str = "1") -> str:
    return "[" * depth + inner + "]" * depth


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NONSENSE",
        b'{"query":',
        b"null",
        b'"text"',
        b"7",
        b"\xff\xfe\x00",
        b'{"query": "\xff"}',
        b'{"query": "\xed\xa0\x80"}',
        b'{"query": "{ echo }", "extensions": {"a": NaN}}',
        b'{"query": "{ echo }", "extensions": {"a": -Infinity}}',
        b'{"query": "{ echo }", "extensions": {"a": NaN, "b": "\\ud800"}}',
        b'{"query": "{ echo }", "extensions": {"a": 1e999}}',
        b'{"query": "{ echo }", "extensions": {"a": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ echo }", "extensions": {"a": ' + b"9" * 5000 + b', "b": "\\ud800"}}',
        b'{"query": "{ echo }", "extensions": {"a": ' + nested(100_000).encode() + b"}}",
        b'{"query": "{ echo }", "extensions": {"b": "\\ud800", "a": ' + nested(100_000).encode() + b"}}",
        b'{"a":' * 100_000,
        '{"query": "{ echo }"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"query": "{ echo }"}',
        b'{"query": "{ echo }"} {"query": "{ echo }"}',
        b'{"query": "{ echo }\x00"}',
    ],
)
async def test_a_body_that_is_no_json_object_is_400(body: bytes) -> None:
    status, answer = await post(body)
    assert status == 400
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_the_last_of_two_equal_keys_counts() -> None:
    assert await post(b'{"query": "{ nothing }", "query": "{ echo }"}') == (200, {"data": {"echo": "hi"}})


async def test_a_body_may_be_a_mebibyte_and_no_more() -> None:
    body = json.dumps({"query": "{ echo }"}).encode().ljust(MIB)
    assert (await post(body))[0] == 200
    status, answer = await post(body + b" ")
    assert status == 413
    assert answer["errors"][0]["extensions"] == {"code": "TOO_LARGE"}


@pytest.mark.parametrize("length", [str(MIB + 1), "9" * 5000])
async def test_a_length_over_the_limit_is_refused_before_anything_is_read(length: str) -> None:
    start, _ = await send_raw([], {"content-length": length})
    assert start["status"] == 413


async def test_reading_stops_where_the_limit_is_passed() -> None:
    chunk: dict[str, Any] = {"type": "http.request", "body": b" " * 65_536, "more_body": True}
    start, _ = await send_raw([chunk] * 17)
    assert start["status"] == 413


async def test_a_client_without_a_key_is_refused_before_its_body_is_read() -> None:
    start, _ = await send_raw([], {"x-api-key": "sk_wrong"})
    assert start["status"] == 401


async def test_a_client_that_leaves_while_sending_gets_nothing() -> None:
    part = {"type": "http.request", "body": b"{", "more_body": True}
    assert await send_raw([part, {"type": "http.disconnect"}]) == []


@pytest.mark.parametrize(
    "query",
    [
        "{a" * 100_000,
        "{ echo(text: " + nested(100_000),
        "{ echo(text: " + "{a: " * 100_000,
        "{ node " + "{ child " * 51 + "{ name }" + " }" * 52,
        "{ node " + "{ children " * 190 + "{ name }" + " }" * 191,
        "{ ...F0 }" + "".join(f" fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(1_000)),
        "{ ...F0 }" + "".join(f" fragment F{i} on Query {{ ... {{ ...F{i + 1} }} }}" for i in range(60)),
        "{ ...F0 }" + "".join(f" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60)),
        "{ ...F } fragment F on Query { ...F }",
        "{ node { ...F } } fragment F on Node { child { ...F } }",
        "query ($v: " + nested(100_000, "Int") + ") { echo }",
        "{" + " echo" * 10_000 + "}",
        "{" + "".join(f" f{i}" for i in range(9_000)) + "}",
        "{ " + "x" * 1_000_000 + " }",
        "query " + "x" * 500_000 + " (" + "".join(f"$v{i}: Int " for i in range(100)) + ") { echo }",
        'mutation { invite(input: {externalId: "a"' + "".join(f", externa{i}: 1" for i in range(2_000)) + "}) }",
        '{ echo(text: "\ud800") }',
        '{ echo(text: "\\ud800") }',
    ],
)
async def test_a_hostile_document_is_400_in_few_words(query: str) -> None:
    response = await ask(query)
    assert response.status_code == 400
    assert len(response.content) < 100_000
    assert response.headers["content-type"].startswith(GRAPHQL)
    assert all(error["extensions"]["code"] != "INTERNAL" for error in response.json()["errors"])


async def test_the_deepest_selection_that_can_be_allowed_does_not_overflow_the_stack() -> None:
    [most] = [one.le for one in LimitSettings.model_fields["max_depth"].metadata if isinstance(one, Le)]
    assert isinstance(most, int)
    deep = replace(DEFAULTS, depth=most, cost=10**most)
    query = "{ node " + "{ children " * (most - 2) + "{ name }" + " }" * (most - 1)
    result = await Execution(schema, deep).execute(Operation(query, None, {}, {}, read_only=True), None)
    assert (result.errors, result.executed) == ((), True)


async def test_a_fragment_that_is_spread_twice_in_one_place_is_executed_once() -> None:
    response = await ask("{ ...F ...F ...G } fragment F on Query { echo ...G } fragment G on Query { echo }")
    assert response.json() == {"data": {"echo": "hi"}}


def pets(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [{"name": "p", "toys": inner}]
    return inner


@pytest.mark.parametrize(
    "guest",
    [
        {"pets": pets(101)},
        {"pets": pets(200)},
        {"pets": [1] * 90_000},
        {"pets": [{"name": 1}] * 10_000},
        {f"key{i}": 1 for i in range(20_000)},
        {"email": pets(200)},
        {"email": 2**70},
        {"colour": "x" * 500_000},
    ],
)
async def test_hostile_variables_are_400_in_few_words(guest: dict[str, Any]) -> None:
    response = await ask(INVITE, {"input": {"externalId": "a", **guest}})
    assert response.status_code == 400
    assert len(response.content) < 20_000
    assert all(error["extensions"]["code"] == "BAD_USER_INPUT" for error in response.json()["errors"])


async def test_a_lone_surrogate_reaches_the_field_and_comes_back() -> None:
    response = await ask("query ($t: String!) { echo(text: $t) }", {"t": "a\ud800b"})
    assert response.content == rb'{"data":{"echo":"a\ud800b"}}'


async def test_an_integer_beyond_64_bits_can_be_answered() -> None:
    assert (await ask("{ huge }")).json() == {"data": {"huge": {"integer": 2**80}}}
