"""What no answer may be, whatever was asked."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
from graphql import GraphQLSchema, Lexer, Source, TokenKind

from app.errors import RefusalCode
from tests.fuzz.documents import Request

FAULTS = {RefusalCode.INTERNAL, RefusalCode.BUSY, RefusalCode.TIMEOUT, RefusalCode.FORBIDDEN}
# SQL, paths, modules, classes and objects of Python.
INNARDS = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE)\b|\b(Traceback|sqlite|postgres|asyncpg|sqlalchemy|pydantic|strawberry|NoneType)|"
    r"\b(app|graph|graphql)\.|\.py\b|/\w+/\w+|0x[0-9a-f]{4}|__|\b[A-Z]\w*(Error|Exception)\b"
)
# A shorter text may be met in a sentence by chance.
LONGEST_CHANCE = 8


def judged(schema: GraphQLSchema, request: Request, answer: httpx.Response, hidden: set[str]) -> dict[str, Any]:
    """The answer to somebody who may do everything, and is told nothing that is in `hidden`."""
    assert answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/graphql-response+json")
    assert [secret for secret in hidden if secret in answer.text] == []
    body: dict[str, Any] = answer.json()
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    assert codes <= set(RefusalCode) - FAULTS
    for message in messages(body):
        without_types = re.sub(r"\w+", lambda word: "" if word[0] in schema.type_map else word[0], message)
        assert not INNARDS.search(without_types), message
        assert [text for text in texts(request) if text in message] == []
    return body


def messages(answer: Any) -> Iterator[str]:
    """What the answer says to people: in errors beside the data and in those that are data."""
    if isinstance(answer, list):
        for one in answer:
            yield from messages(one)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name == "message":
                yield value
            else:
                yield from messages(value)


def texts(request: Request) -> Iterator[str]:
    """The texts that were sent, in the document and beside it."""
    lexer = Lexer(Source(request.query))
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if token.kind in (TokenKind.STRING, TokenKind.BLOCK_STRING):
            yield from texts_in(token.value)
    yield from texts_in(request.variables)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > LONGEST_CHANCE:
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)
