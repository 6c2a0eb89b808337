"""A document's text, measured before it is parsed: a token costs a hundred times less here than in the parser."""

import re
from itertools import islice

from graphql import GraphQLError

from graph.limits.limits import Limits
from graph.limits.refusals import too_large

# Every token of the specification's, comments among them, which the parser keeps too. What is none of them counts as
# one by the character, so that of a text that is no GraphQL never fewer are found than the parser would read.
# https://spec.graphql.org/draft/#sec-Language.Source-Text.Lexical-Tokens
_TOKEN = re.compile(
    r'''
    """ (?: \\""" | (?!""") [\s\S] )*+ (?: """ )?
    | " (?: \\. | [^"\\\r\n] )*+ "?
    | \# [^\r\n]*+
    | [A-Za-z_] [A-Za-z_0-9]*+
    | -? (?: 0 | [1-9][0-9]*+ ) (?: \.[0-9]++ )? (?: [eE] [+-]? [0-9]++ )?
    | \.\.\.
    | [^\ \t\r\n,\ufeff]
    ''',
    re.VERBOSE,
)


def tokens_of(text: str, most: int) -> int:
    """How many tokens a text has, as far as it is worth knowing: those beyond `most` and one are not looked at."""
    return sum(1 for _ in islice(_TOKEN.finditer(text), most + 1))


def overlong(text: str, limits: Limits) -> GraphQLError | None:
    """What is wrong with a text's size, if anything is."""
    if len(text) > limits.length:
        return too_large("LENGTH", limits.length, f"A document may have {limits.length} characters.")
    if tokens_of(text, limits.tokens) > limits.tokens:
        return too_large("TOKENS", limits.tokens, f"A document may have {limits.tokens} tokens.")
    return None
