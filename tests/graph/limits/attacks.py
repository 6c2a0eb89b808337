"""Documents that are made to cost a server much more than their sender. Each is about as large as it may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKENS = 1990
INVALID = "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True)
class Attack:
    """`refused` is the limit that it is beyond, or else the code of the errors; nothing when it may pass."""

    query: str
    refused: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)

    def unlike(self, number: int) -> str:
        """The same, and not the same text: so nothing is known of it yet."""
        return f"{self.query}#{number}"


def filled(head: str, unit: Callable[[int], str], tail: str, tokens: int) -> str:
    """As many units as there is room for, when each has so many tokens."""
    return head + " ".join(map(unit, range(TOKENS // tokens - 6))) + tail


def fragments(count: int, body: Callable[[int], str], on: str = "Viewer") -> str:
    return " ".join(f"fragment F{i} on {on} {{{body(i)}}}" for i in range(count))


def doubling(count: int, body: str, on: str) -> str:
    """Fragments each of which names the next one twice."""
    return fragments(count, lambda i: body.replace("...", f"...F{i + 1}"), on)


def chain(count: int, body: str = "id", on: str = "Viewer") -> str:
    return fragments(count, lambda i: f"{body} ...F{i + 1}", on) + f" fragment F{count} on {on} {{id}}"


VIEWER = ("{viewer{", "}}")
ROOT = ("{", "}")
CUSTOMER = '{customer(by:{id:"a"}){'
LEAVES = """externalId name email contact addressLine1 addressLine2 addressCity addressState addressPostalCode timezone
  addressCountry metadata parentCustomerId environmentId tenantId status version createdAt updatedAt createdBy"""
CREATE = 'mutation{createCustomer(input:{externalId:"a"}){'

ATTACKS = {
    # Text
    "a megabyte of spaces": Attack("{viewer{id}}".ljust(1_000_000), "LENGTH"),
    "a long name": Attack("{" + "x" * 500_000 + "}", "LENGTH"),
    "a long text": Attack('{customer(by:{externalId:"' + "x" * 500_000 + '"}){id}}', "LENGTH"),
    "comments": Attack("#\n" * 16_000 + "{viewer{id}}", "TOKENS"),
    "many fields": Attack("{viewer{" + "id " * 10_000 + "}}", "TOKENS"),
    "brackets": Attack("{a" * 10_000, "TOKENS"),
    "a list in lists": Attack("{customer(by:" + "[" * 10_000, "TOKENS"),
    "a list of numbers without spaces": Attack("{a(b:[" + "-1" * 10_000 + "])}", "TOKENS"),
    # Shape
    "deep fields": Attack(CUSTOMER + "parent{" * 600 + "id" + "}" * 602, "GRAPHQL_PARSE_FAILED"),
    "deep fields that can be parsed": Attack(CUSTOMER + "parent{" * 150 + "id" + "}" * 152, "DEPTH"),
    "a long chain of fragments": Attack("{viewer{...F0}}" + chain(220), "DEPTH"),
    "fragments that double": Attack(
        CUSTOMER + "...F0}}" + doubling(12, "a:parent{...} b:parent{...}", "Customer") + "fragment F12 on Customer{id}",
        "FIELDS",
    ),
    "fragments that double at the root": Attack(
        "{...F0}" + doubling(100, "... ...", "Query") + "fragment F100 on Query{viewer{id}}", "FIELDS"
    ),
    "fragments in a circle": Attack("{viewer{...F0}}" + fragments(2, lambda i: f"...F{1 - i}"), INVALID),
    "aliases": Attack(filled(VIEWER[0], lambda i: f"a{i}:id", VIEWER[1], 3), "ALIASES"),
    "aliases at the root": Attack(filled(ROOT[0], lambda i: f"a{i}:viewer{{id}}", ROOT[1], 6), "ROOT_FIELDS"),
    "guesses of a key": Attack(
        filled(ROOT[0], lambda i: f'a{i}:customer(by:{{externalId:"{i}"}}){{id}}', ROOT[1], 15), "ROOT_FIELDS"
    ),
    "directives": Attack(filled(VIEWER[0], lambda _: "id @include(if:true)", VIEWER[1], 8), "DIRECTIVES"),
    "directives that nobody knows": Attack(filled(VIEWER[0], lambda i: f"id @a{i}", VIEWER[1], 3), "DIRECTIVES"),
    "operations": Attack(filled("", lambda i: f"query Q{i}{{viewer{{id}}}}", "", 8), "OPERATIONS"),
    "introspection in circles": Attack("{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}", INVALID),
    # Comparisons, which are quadratic
    "one field again and again": Attack(VIEWER[0] + "id " * 900 + VIEWER[1], "COMPARISONS"),
    "one field in many inline fragments": Attack(filled(VIEWER[0], lambda _: "...{id}", VIEWER[1], 4), "COMPARISONS"),
    "one alias for two fields": Attack(VIEWER[0] + "a:id a:scopes " * 50 + VIEWER[1], INVALID),
    "one selection again and again": Attack(
        filled("{customers{nodes{", lambda _: "parent{parent{parent{id}}}", "}}}", 10), "COMPARISONS"
    ),
    "many fragments side by side": Attack(
        VIEWER[0] + "".join(f"...F{i} " for i in range(200)) + VIEWER[1] + fragments(200, lambda _: "id"), "COMPARISONS"
    ),
    "fragments that spread each other": Attack(
        "{viewer{...F0}}" + fragments(30, lambda i: "id " + "".join(f"...F{j} " for j in range(i + 1, 30))), "FIELDS"
    ),
    # Errors, each of which costs a search for what was meant
    "fields that nobody knows": Attack(filled(VIEWER[0], lambda i: f"tenant{i}", VIEWER[1], 2), INVALID),
    "fields of an interface that nobody knows": Attack(
        filled(CREATE + "...on Error{", lambda i: f"cod{i}", "}}}", 2), INVALID
    ),
    "types that nobody knows": Attack(
        filled("query(", lambda i: f"$a{i}:CustomerFilte{i}", "){viewer{id}}", 4), INVALID
    ),
    "arguments that nobody knows": Attack(filled("{customers(", lambda i: f"firs{i}:1", "){nodes{id}}}", 3), INVALID),
    "fragments that never apply": Attack(
        filled(VIEWER[0], lambda _: "...on Customer{id}", VIEWER[1], 6), "COMPARISONS"
    ),
    "values that are wrong": Attack(
        "{customers(filter:{status:{in:[" + " WRONG" * 1960 + "]}}){nodes{id}}}", "BAD_USER_INPUT"
    ),
    "an input's fields that nobody knows": Attack(
        filled('mutation{createCustomer(input:{externalId:"a"', lambda i: f" nam{i}:1", "}){__typename}}", 3),
        "BAD_USER_INPUT",
    ),
    "variables that nobody uses": Attack(filled("query(", lambda i: f"$a{i}:Int", "){viewer{id}}", 4), INVALID),
    "definitions of a schema": Attack(filled("", lambda i: f"type T{i}{{a:Int}}", "", 7), INVALID),
    # Cost
    "lists in lists": Attack(
        "{customers(first:100){nodes{children(first:100){nodes{children(first:100){nodes{id}}}}}}}", "COST"
    ),
    "lists in lists by variables": Attack(
        "query($n:Int!){customers(first:$n){nodes{children(first:$n){nodes{children(first:$n){nodes{id}}}}}}}",
        "COST",
        {"n": 100},
    ),
    "rows": Attack(
        "mutation($rows:[CreateCustomerInput!]!){createCustomers(inputs:$rows){__typename}}",
        "COST",
        {"rows": [{"externalId": ""}] * 10_000},
    ),
    "ids": Attack("query($ids:[ID!]!){nodes(ids:$ids){id}}", "COST", {"ids": ["a"] * 90_000}),
    "values": Attack(
        "query($f:CustomerFilter){customers(filter:$f){nodes{id}}}", "VALUES", {"f": {"id": {"in": [{}] * 200_000}}}
    ),
    # What may pass, and is as dear as it can be
    "inline fragments, each in the other": Attack("{viewer{" + "...{" * 195 + "id" + "}" * 197, None),
    "as many operations as may be": Attack(
        " ".join(f"query Q{i}{{viewer{{...F0}}}}" for i in range(20)) + chain(50, "scopes"), "BAD_USER_INPUT"
    ),
    "as many fields as may be": Attack(
        "{"
        + " ".join(f'a{i}:customer(by:{{id:"a"}}){{{LEAVES} parent{{{LEAVES} parent{{id name}}}}}}' for i in range(20))
        + "}",
        None,
    ),
    "as much introspection as may be": Attack(
        "{__schema{types{fields{args{type{ofType{inputFields{name type{ofType{name}}}}}}"
        "type{ofType{fields{name description type{name kind ofType{name kind ofType{name}}}}}}}}}}",
        None,
    ),
}
