"""Each kind of change between two schemas: how bad it is, how it is called, and where it is."""

import pytest
from graphql import BreakingChangeType, DangerousChangeType, SafeChangeType, build_schema

from graph.releases.changes import Change, between

# What every schema has beside what its case is about.
SHARED = """
type Query { node: Node, a: A, b: B }
interface Node { id: ID! }
type A { id: ID! }
type B { id: ID! }
"""
SOONER, LATER = (
    f'enum E {{ V @deprecated(reason: "Nothing replaces it: no use. Goes no sooner than 2030-01-{day}.") }}'
    for day in ("01", "02")
)

# Before, after, and what is found.
CASES: list[tuple[str, ...]] = [
    ("scalar S", "", "breaking TYPE_REMOVED S"),
    ("input I { n: Int }", "input I { n: ID }", "breaking TYPE_REMOVED Int", "breaking FIELD_CHANGED_KIND I.n"),
    ("", "scalar S", "safe TYPE_ADDED S"),
    ("scalar S", "enum S { V }", "breaking TYPE_CHANGED_KIND S"),
    ("scalar S", 'scalar S @specifiedBy(url: "https://s.example")', "dangerous SCALAR_SPECIFIED_OTHERWISE S"),
    ("type T { a: ID }", 'type T { "Described." a: ID }'),
    # What is answered.
    ("type T { a: ID, b: ID }", "type T { a: ID }", "breaking FIELD_REMOVED T.b"),
    ("type T { a: ID }", "type T { a: ID, b: ID! }", "safe FIELD_ADDED T.b"),
    ("type T { a: ID! }", "type T { a: ID }", "breaking FIELD_CHANGED_KIND T.a"),
    ("type T { a: ID }", "type T { a: ID! }", "safe FIELD_CHANGED_KIND_SAFE T.a"),
    ("union U = A | B", "union U = A", "breaking TYPE_REMOVED_FROM_UNION U.B"),
    ("union U = A", "union U = A | B", "dangerous TYPE_ADDED_TO_UNION U.B"),
    ("type T implements Node { id: ID! }", "type T { id: ID! }", "breaking IMPLEMENTED_INTERFACE_REMOVED T.Node"),
    ("type T { id: ID! }", "type T implements Node { id: ID! }", "dangerous IMPLEMENTED_INTERFACE_ADDED T.Node"),
    ("", "type T implements Node { id: ID! }", "dangerous POSSIBLE_TYPE_ADDED Node.T", "safe TYPE_ADDED T"),
    ("interface I { a: ID }", "interface I { a: ID } type T implements I { a: ID }", "safe TYPE_ADDED T"),
    ("enum E { V, W }", "enum E { V }", "breaking VALUE_REMOVED_FROM_ENUM E.W"),
    ("enum E { V }", "enum E { V, W }", "dangerous VALUE_ADDED_TO_ENUM E.W"),
    # What is asked.
    ("type T { a(x: ID): ID }", "type T { a: ID }", "breaking ARG_REMOVED T.a(x:)"),
    ("type T { a(x: ID): ID }", "type T { a(x: ID!): ID }", "breaking ARG_CHANGED_KIND T.a(x:)"),
    ("type T { a(x: ID!): ID }", "type T { a(x: ID): ID }", "safe ARG_CHANGED_KIND_SAFE T.a(x:)"),
    ("type T { a: ID }", "type T { a(x: ID!): ID }", "breaking REQUIRED_ARG_ADDED T.a(x:)"),
    ("type T { a: ID }", "type T { a(x: ID! = 1): ID }", "dangerous OPTIONAL_ARG_ADDED T.a(x:)"),
    ("type T { a(x: ID = 1): ID }", "type T { a(x: ID = 2): ID }", "dangerous ARG_DEFAULT_VALUE_CHANGE T.a(x:)"),
    ("type T { a(x: ID = 1): ID }", "type T { a(x: ID): ID }", "dangerous ARG_DEFAULT_VALUE_CHANGE T.a(x:)"),
    ("type T { a(x: ID): ID }", 'type T { a(x: ID = "b.c"): ID }', "dangerous ARG_DEFAULT_VALUE_ADDED T.a(x:)"),
    ("input I { a: ID, b: ID }", "input I { a: ID }", "breaking FIELD_REMOVED I.b"),
    ("input I { a: ID }", "input I { a: ID, b: ID! }", "breaking REQUIRED_INPUT_FIELD_ADDED I.b"),
    ("input I { a: ID }", "input I { a: ID, b: ID }", "dangerous OPTIONAL_INPUT_FIELD_ADDED I.b"),
    ("input I { a: ID! }", "input I { a: ID }", "safe FIELD_CHANGED_KIND_SAFE I.a"),
    ("input I { a: ID = 1 }", "input I { a: ID = 2 }", "dangerous INPUT_FIELD_DEFAULT_VALUE_CHANGE I.a"),
    ("input I { a: ID = 1 }", "input I { a: ID }", "dangerous INPUT_FIELD_DEFAULT_VALUE_CHANGE I.a"),
    ("input I { a: ID }", "input I { a: ID = 1 }", "dangerous INPUT_FIELD_DEFAULT_VALUE_ADDED I.a"),
    ("input I { a: ID }", "input I @oneOf { a: ID }", "breaking ONE_OF_ADDED I"),
    ("input I @oneOf { a: ID }", "input I { a: ID }", "safe ONE_OF_REMOVED I"),
    # Which operations there are.
    (
        "schema { query: Query, mutation: M } type M { a: ID }",
        "schema { query: Query } type M { a: ID }",
        "breaking ROOT_TYPE_CHANGED M",
    ),
    ("directive @d on FIELD", "", "breaking DIRECTIVE_REMOVED @d"),
    ("", "directive @d on FIELD", "safe DIRECTIVE_ADDED @d"),
    ("directive @d(x: ID) on FIELD", "directive @d on FIELD", "breaking DIRECTIVE_ARG_REMOVED @d(x:)"),
    ("directive @d(x: ID) on FIELD", "directive @d(x: ID!) on FIELD", "breaking ARG_CHANGED_KIND @d(x:)"),
    ("directive @d on FIELD", "directive @d(x: ID!) on FIELD", "breaking REQUIRED_DIRECTIVE_ARG_ADDED @d(x:)"),
    ("directive @d on FIELD", "directive @d(x: ID) on FIELD", "safe OPTIONAL_DIRECTIVE_ARG_ADDED @d(x:)"),
    ("directive @d repeatable on FIELD", "directive @d on FIELD", "breaking DIRECTIVE_REPEATABLE_REMOVED @d"),
    ("directive @d on FIELD", "directive @d repeatable on FIELD", "safe DIRECTIVE_REPEATABLE_ADDED @d"),
    ("directive @d on FIELD | QUERY", "directive @d on FIELD", "breaking DIRECTIVE_LOCATION_REMOVED @d"),
    ("directive @d on FIELD", "directive @d on FIELD | QUERY", "safe DIRECTIVE_LOCATION_ADDED @d"),
    # What is announced.
    ("type T { a: ID }", "type T { a: ID @deprecated }", "announced DEPRECATED T.a"),
    ("type T { a(x: ID): ID }", "type T { a(x: ID @deprecated): ID }", "announced DEPRECATED T.a(x:)"),
    ("input I { a: ID }", "input I { a: ID @deprecated }", "announced DEPRECATED I.a"),
    ("enum E { V }", "enum E { V @deprecated }", "announced DEPRECATED E.V"),
    ("enum E { V @deprecated }", "enum E { V }", "safe DEPRECATION_REMOVED E.V"),
    (LATER, SOONER, "breaking DEPRECATION_BROUGHT_FORWARD E.V"),
    (SOONER, LATER),
]  # fmt: skip


def changes(before: str, after: str) -> list[Change]:
    return between(build_schema(SHARED + before), build_schema(SHARED + after))


@pytest.mark.parametrize(("before", "after", "expected"), [(before, after, found) for before, after, *found in CASES])
def test_a_change_is_called_by_its_kind_and_coordinate(before: str, after: str, expected: list[str]) -> None:
    found = changes(before, after)

    assert [f"{change.level} {change.kind} {change.coordinate}" for change in found] == expected
    assert all(change.description.endswith(".") for change in found)


def test_every_kind_that_graphql_core_knows_is_tried() -> None:
    tried = {change.split()[1] for _, _, *found in CASES for change in found}
    known = {kind.name for kinds in (BreakingChangeType, DangerousChangeType, SafeChangeType) for kind in kinds}

    assert known - tried == {"DESCRIPTION_CHANGED"}


def test_the_worst_come_first() -> None:
    found = changes("enum E { V } union U = A | B", "enum E { V, W } union U = A scalar S")

    assert [change.level for change in found] == ["breaking", "dangerous", "safe"]
