"""What keeps a schema from being released: what the change log does not say, says wrongly, or says too soon."""

from datetime import date

import pytest
from graphql import build_schema

from graph.releases import review

TODAY = date(2030, 1, 1)
GONE = "Use `T.a` instead. Goes no sooner than 2030-01-01."
LATER = "Use `T.a` instead. Goes no sooner than 2030-01-02."
QUERY = "type Query { t: T }"


def faults(old: str, new: str, *lines: str) -> list[str]:
    said = "\n".join(["# Changes", "", "## Unreleased", "", *lines, "", "## 1.0.0", "", "- FIELD_REMOVED `T.z`: Old."])
    return list(review.faults(build_schema(QUERY + old), build_schema(QUERY + new), said, TODAY))


def test_what_is_safe_needs_no_word() -> None:
    assert faults("type T { a: ID }", "type T { a: ID!, b: ID }") == []


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ("type T { a: ID! }", "type T { a: ID }", "- FIELD_CHANGED_KIND `T.a`: "),
        ("type T { a: E } enum E { V }", "type T { a: E } enum E { V, W }", "- VALUE_ADDED_TO_ENUM `E.W`: "),
        (
            "type T { a: ID, b: ID }",
            f'type T {{ a: ID, b: ID @deprecated(reason: "{LATER}") }}',
            "- DEPRECATED `T.b`: ",
        ),
    ],
)
def test_what_is_not_safe_is_named_exactly(old: str, new: str, entry: str) -> None:
    [fault] = faults(old, new)
    kind, _, rest = entry.partition(" `")

    assert fault.endswith(f"the change log does not say so: {entry}…")
    assert faults(old, new, f"{entry}It is so.") == []
    assert len(faults(old, new, entry)) == 1, "a change is explained"
    assert len(faults(old, new, f"{kind}S `{rest}It is so.")) == 2
    assert len(faults(old, new, f"{entry.replace('T.', 'Q.').replace('E.', 'Q.')}It is so.")) == 2


def test_what_has_not_happened_is_not_named() -> None:
    schema = "type T { a: ID }"

    assert faults(schema, schema, "- FIELD_REMOVED `T.b`: It is gone.") == [
        "The change log names what has not happened since the last release: - FIELD_REMOVED `T.b`: …"
    ]
    assert faults(schema, "type T { a: ID, b: ID }", "- FIELD_ADDED `T.b`: It is new.") == []
    assert faults(schema, schema, "Prose, and of course:", "- lists of `T.b`: anything.") == []


@pytest.mark.parametrize(
    ("deprecated", "told"),
    [
        ("", "deprecate it first."),
        ("@deprecated", "deprecate it first."),
        (f'@deprecated(reason: "{LATER}")', "It was promised until 2030-01-02."),
        (f'@deprecated(reason: "{GONE}")', None),
    ],
)
@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ("type T { a: ID, b: ID %s }", "type T { a: ID }", "- FIELD_REMOVED `T.b`: It is gone."),
        ("type T { a(b: ID %s): ID }", "type T { a: ID }", "- ARG_REMOVED `T.a(b:)`: It is gone."),
        ("type T { a: E } enum E { V, W %s }", "type T { a: E } enum E { V }", "- VALUE_REMOVED_FROM_ENUM `E.W`: No."),
        (
            "type T { a: ID } input I { a: ID, b: ID %s }",
            "type T { a: ID } input I { a: ID }",
            "- FIELD_REMOVED `I.b`: No.",
        ),
    ],
)
def test_nothing_is_removed_before_its_day(old: str, new: str, entry: str, deprecated: str, told: str | None) -> None:
    found = faults(old % deprecated, new, entry)

    assert len(found) == (0 if told is None else 1)
    assert told is None or found[0].endswith(told)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (LATER, None),
        ("Nothing replaces it: nobody called it. Goes no sooner than 2030-06-30.", None),
        ("Use `T.a(x:)` instead. Goes no sooner than 2030-06-30.", None),
        ("Use `T.c` instead. Goes no sooner than 2030-06-30.", "in favour of T.c, which does not exist."),
        ("Use `T` + `T` instead. Goes no sooner than 2030-06-30.", "is not of the form"),
        ("Use `T.` instead. Goes no sooner than 2030-06-30.", "which does not exist."),
        ("Use `Z.a` instead. Goes no sooner than 2030-06-30.", "which does not exist."),
        ("Use `T.a` instead. Goes no sooner than 2030-02-30.", "is not of the form"),
        ("Use `T.a` instead.", "is not of the form"),
        ("No longer supported", "is not of the form"),
    ],
)
def test_a_reason_says_what_to_use_instead_and_until_when(reason: str, told: str | None) -> None:
    schema = f'type T {{ a(x: ID): ID, b: ID @deprecated(reason: "{reason}") }}'
    found = faults(schema, schema)

    assert len(found) == (0 if told is None else 1)
    assert told is None or told in found[0]
