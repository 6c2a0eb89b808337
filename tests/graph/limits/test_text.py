"""Tokens are counted as the parser would read them, and never are there fewer."""

import pytest
from graphql import GraphQLSyntaxError
from graphql.language import Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from graph.limits.text import tokens_of
from tests.api import CREATE, FIND
from tests.graph.limits.attacks import ATTACKS

TOKENS = [
    *("{", "}", "(", ")", "[", "]", "...", ":", "!", "|", "&", "=", "@", "$", "query", "a", "_b2", "fragment", "on"),
    *("0", "-1", "12", "1.5", "-0.5e10", "3E-7", "6e+7"),
    *('"text"', '""', r'"\u00e9 \\ \" #"', '"""block"""', '""""""', r'"""a \""" "b" # c \ """', '"""\n"""'),
    *("# comment\n", "#\r"),
]
IGNORED = [" ", ",", "\n", "\r\n", "\t", "\ufeff"]
WRONG = ['"', '"""', "'", "?", ".", "..", "-", "01", "1a", "1.", "\\", "%", "\x00", "\xa0", "é", "\ud800", '"a\n', "#"]


def lexed(text: str) -> tuple[int, bool]:
    """How many tokens graphql-core reads, comments among them, and whether it reads them all."""
    lexer = Lexer(Source(text))
    is_whole = True
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            pass
    except GraphQLSyntaxError:
        is_whole = False
    count, token = 0, lexer.token
    while token.prev:
        count, token = count + (token.kind is not TokenKind.EOF), token.prev
    return count, is_whole


@pytest.mark.parametrize("text", [CREATE, FIND, *(attack.query[:30_000] for attack in ATTACKS.values())])
def test_a_document_has_as_many_tokens_as_are_read(text: str) -> None:
    read, is_whole = lexed(text)

    assert tokens_of(text, 100_000) >= read
    assert tokens_of(text, 100_000) == read or not is_whole


@given(st.lists(st.sampled_from(TOKENS + IGNORED)))
def test_any_row_of_tokens_is_counted_as_it_is_read(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert lexed(text) == (tokens_of(text, 1_000), True)


@given(st.lists(st.sampled_from(TOKENS + IGNORED + WRONG)))
def test_in_what_can_not_be_read_no_fewer_are_found(pieces: list[str]) -> None:
    text = "".join(pieces)
    read, is_whole = lexed(text)
    assert tokens_of(text, 1_000) >= read
    assert tokens_of(text, 1_000) == read or not is_whole


@given(st.text())
def test_in_any_text_no_fewer_are_found(text: str) -> None:
    assert tokens_of(text, 1_000) >= lexed(text)[0]


def test_counting_ends_where_the_limit_is_passed() -> None:
    assert tokens_of("a " * 1_000, 10) == 11
