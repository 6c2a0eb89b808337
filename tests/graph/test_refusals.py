"""Top-level errors: their codes, that none repeats a value, and that bugs are masked and logged."""

import logging
from itertools import pairwise
from typing import Any

import pytest
from graphql.language import Lexer, Source, TokenKind

from tests.graph.toy import CANARY, ask

pytestmark = pytest.mark.anyio

INVITE = "mutation ($input: Guest!) { invite(input: $input) }"
FIND = "query ($by: By!) { find(by: $by) }"


async def errors(query: str, variables: dict[str, Any] | None = None) -> list[tuple[str, str, list[str] | None]]:
    response = await ask(query, variables)
    assert "canary" not in response.text
    found = response.json()["errors"]
    return [
        (error["extensions"]["code"], error["message"], error["extensions"].get("path", error.get("path")))
        for error in found
    ]


@pytest.mark.parametrize(
    ("guest", "path", "reason"),
    [
        (None, [], "a value of type Guest is required."),
        (CANARY, [], "an object of type Guest is expected."),
        ({}, ["externalId"], "a value of type String is required."),
        ({"externalId": None}, ["externalId"], "a value of type String is required."),
        ({"externalId": [CANARY]}, ["externalId"], "a value of type String is expected."),
        ({"externalId": "a", "colour": CANARY}, ["colour"], "one of RED, BLUE is expected."),
        ({"externalId": "a", "labels": CANARY}, ["labels"], "a value of type Labels is expected."),
        (
            {"externalId": "a", "pets": [{"name": CANARY}, {"name": 1}]},
            ["pets", "1", "name"],
            "a value of type String is expected.",
        ),
        (
            {"externalId": "a", "pets": {"name": "p", "toys": [CANARY]}},
            ["pets", "toys", "0"],
            "an object of type Pet is expected.",
        ),
        ({"externalId": "a", CANARY: CANARY}, [], "Guest has no such field as one of those sent."),
        (
            {"externalId": "a", "emial": CANARY},
            [],
            "Guest has no such field as one of those sent. Did you mean 'email'?",
        ),
    ],
)
async def test_a_variable_that_does_not_fit_is_named_by_its_path(guest: Any, path: list[str], reason: str) -> None:
    whole = ["input", *path]
    where = f' at "{".".join(whole)}"' if path else ""
    message = f'Variable "$input"{where}: {reason}'
    assert await errors(INVITE, {"input": guest}) == [("BAD_USER_INPUT", message, whole)]


async def test_all_variables_that_do_not_fit_are_told_at_once() -> None:
    guest = {"colour": CANARY, "pets": [CANARY]}
    query = "mutation ($input: Guest!, $other: Guest!) { invite(input: $input) x: invite(input: $other) }"
    told = await errors(query, {"input": guest})
    assert [path for _, _, path in told] == [
        ["input", "externalId"],
        ["input", "colour"],
        ["input", "pets", "0"],
        ["other"],
    ]


@pytest.mark.parametrize(
    ("literal", "path", "reason"),
    [
        ("null", [], "a value of type Guest is required."),
        ('"canary"', [], "an object of type Guest is expected."),
        ("{}", ["externalId"], "a value of type String is required."),
        ("{externalId: 9}", ["externalId"], "a value of type String is expected."),
        ('{externalId: "a", colour: "canary"}', ["colour"], "one of RED, BLUE is expected."),
        ('{externalId: "a", colour: canary}', ["colour"], "one of RED, BLUE is expected."),
        ('{externalId: "a", labels: "canary"}', ["labels"], "a value of type Labels is expected."),
        ('{externalId: "a", pets: {name: "p", age: "canary"}}', ["pets", "age"], "a value of type Int is expected."),
        ('{externalId: "a", canary: 1}', [], "Guest has no such field as one of those sent."),
    ],
)
async def test_a_literal_that_does_not_fit_is_named_by_its_path(literal: str, path: list[str], reason: str) -> None:
    whole = ["input", *path]
    where = f' at "{".".join(whole)}"' if path else ""
    told = await errors(f"mutation {{ invite(input: {literal}) }}")
    assert told == [("BAD_USER_INPUT", f'Argument "input"{where}: {reason}', whole)]


@pytest.mark.parametrize("by", [{}, {"id": CANARY, "email": CANARY}, {"email": None}])
async def test_a_one_of_input_takes_exactly_one_field(by: dict[str, Any]) -> None:
    told = await errors(FIND, {"by": by})
    assert told == [("BAD_USER_INPUT", 'Variable "$by": exactly one of id, email is required, and not null.', ["by"])]


async def test_an_argument_found_wrong_in_execution_is_the_clients_mistake() -> None:
    query = 'mutation ($id: String = "x") { invite(input: {externalId: $id, labels: {a: "canary"}}) }'
    assert await errors(query, {"id": None}) == [("BAD_USER_INPUT", "An argument does not fit its type.", ["invite"])]
    assert (await errors(INVITE, {"input": {"externalId": "a", "nick": None}}))[0][0] == "BAD_USER_INPUT"
    assert (await errors("query ($i: Boolean = true) { echo @include(if: $i) }", {"i": None}))[0][0] == "BAD_USER_INPUT"


async def test_a_key_that_is_there_twice_is_not_repeated() -> None:
    told = await errors('mutation { invite(input: {externalId: "a", labels: {canary: 1, canary: 2}}) }')
    assert told == [("BAD_USER_INPUT", "A field of an input is there twice.", None)]


async def test_suggests_names_of_the_schema() -> None:
    (told,) = await errors("{ node { nam } }")
    assert told == ("GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nam' on type 'Node'. Did you mean 'name'?", None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ echo(", "Expected Name, found <EOF>."),
        ('{ echo(text "canary") }', "Expected ':', found String."),
        ('{ "canary" }', "Expected Name, found String."),
        ("canary { echo }", "Unexpected Name."),
        ("{ echo(text: 'canary') }", "Unexpected single quote character (')."),
        ('{ echo(text: "canary) }', "Unterminated string."),
        ('{ echo(text: "\\canary") }', "Invalid character escape sequence."),
        ("{ echo(text: .5) }", "Invalid number, expected digit before '.'."),
        ("query ($i: Int = $canary) { echo }", "Unexpected variable."),
        ("{ echo }}", "Unexpected '}'."),
    ],
)
async def test_a_syntax_error_says_what_was_found_and_not_its_text(query: str, message: str) -> None:
    (told,) = await errors(query)
    assert told == ("GRAPHQL_PARSE_FAILED", f"Syntax Error: {message}", None)


DOCUMENTS = [
    'query Q($i: Int = 1, $g: Boolean = true) { number(value: $i, ratio: 1.5, id: "x") @include(if: $g) node { ...F } }'
    " fragment F on Node { n: name }",
    'mutation { invite(input: {externalId: "a", colour: RED, labels: {a: "b", c: [1, {d: "e"}]}, pets: {name: "p"}}) }',
    'query ($b: By!) { find(by: $b) other: find(by: {email: """e"""}) __type(name: "Query") { name } }',
]
VALUES = [
    '"canary"', '"""canary"""', '"canary \' found String \': \'"', '"canary \\uD800"', "'canary'", '"canary',
    "918273645", "9182736.45", "918273645x", ".918273645", '[918273645, "canary"]', '{k: "canary", k: 918273645}',
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_no_value_at_any_place_of_a_document_is_repeated(document: str) -> None:
    lexer, ends = Lexer(Source(document)), [0]
    while lexer.advance().kind is not TokenKind.EOF:
        ends.append(lexer.token.end)
    for start, end in pairwise(ends):
        for value in VALUES:
            for query in (f"{document[:start]} {value} {document[end:]}", f"{document[:end]} {value} {document[end:]}"):
                response = await ask(query, {"b": {"id": "canary"}})
                assert response.status_code < 500
                assert "INTERNAL" not in response.text
                if "errors" in response.json():
                    assert not any(word in response.text for word in ("canary", "9182736")), query


@pytest.mark.parametrize("field", ["broken", "misfit"])
async def test_a_bug_in_a_field_is_masked_and_logged_once(field: str, caplog: pytest.LogCaptureFixture) -> None:
    response = await ask(f"query ($c: String!) {{ {field} echo(text: $c) }}", {"c": CANARY}, {"x-request-id": "req-1"})
    assert response.status_code == 200
    assert response.json()["data"] == {field: None, "echo": CANARY}
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "req-1"}
    assert error["message"].startswith("Something went wrong on our side.")
    assert error["path"] == [field]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("billfolk", logging.ERROR)
    assert "req-1" in caplog.text
    assert "Traceback" in caplog.text
    assert "canary" not in caplog.text


async def test_a_bug_outside_of_execution_is_masked_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    response = await ask("{ echo }", headers={"x-fail": "bug", "x-request-id": "req-2"})
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "req-2"}
    assert "SELECT" not in response.text
    assert len(caplog.records) == 1
    assert "req-2" in caplog.text


async def test_a_refusal_in_a_field_keeps_its_code_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    response = await ask("{ forbidden echo }")
    assert response.status_code == 200
    assert response.json()["data"] == {"forbidden": None, "echo": "hi"}
    (error,) = response.json()["errors"]
    assert error["message"] == "This key may not."
    assert error["extensions"] == {"code": "FORBIDDEN", "scope": "toys:read"}
    assert caplog.records == []


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ echo(text: 5) }"])
async def test_a_clients_mistake_is_not_logged(query: str, caplog: pytest.LogCaptureFixture) -> None:
    await ask(query)
    assert caplog.records == []
