"""Making a release, in a repository of the test's own."""

from datetime import date
from pathlib import Path

import pytest

from graph.releases.release import Checkout

TODAY = date(2030, 1, 1)
OLD, NEW = "type Query { a: ID }\n", "type Query { a: ID, b: ID }\n"
LOG = "# Changes\n\n## Unreleased\n\n`Query.b` is new.\n\n## 1.9.0 · 2029-01-01\n\nOld.\n"
PROJECT = '[project]\nname = "x"\nversion = "1.9.0"\n\n[tool.x]\nversion = "7"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    releases = tmp_path / "graph" / "releases"
    releases.mkdir(parents=True)
    (releases / "1.9.0.graphql").write_text(OLD)
    (releases / "CHANGES.md").write_text(LOG)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def contents(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*") if file.is_file()}


def test_a_release_moves_the_version_the_log_and_the_schema_together(root: Path) -> None:
    assert Checkout(root, NEW).release("1.10.0", TODAY) == []

    assert contents(root) == {
        "graph/releases/1.10.0.graphql": NEW,
        "graph/releases/CHANGES.md": LOG.replace("## Unreleased\n", "## Unreleased\n\n## 1.10.0 · 2030-01-01\n"),
        "pyproject.toml": PROJECT.replace("1.9.0", "1.10.0"),
    }
    assert Checkout(root, NEW).faults(TODAY) == []
    assert Checkout(root, NEW).changes() == []
    assert Checkout(root, NEW).release("1.11.0", TODAY) == ["The change log says nothing of this release."]


@pytest.mark.parametrize("version", ["1.9.0", "1.8.9", "1.10", "2", "v2.0.0", "2.0.0rc1", ""])
def test_a_version_is_three_numbers_and_later(root: Path, version: str) -> None:
    before = contents(root)

    assert Checkout(root, NEW).release(version, TODAY) == [
        "A version such as 1.2.0 is needed, and one that is later than 1.9.0."
    ]
    assert contents(root) == before


def test_what_the_log_does_not_name_is_not_released(root: Path) -> None:
    before = contents(root)

    [fault] = Checkout(root, "type Query { a(c: ID): ID }").release("2.0.0", TODAY)

    assert "- OPTIONAL_ARG_ADDED `Query.a(c:)`: " in fault
    assert contents(root) == before


def test_what_is_deprecated_by_a_release_stays_for_its_notice(root: Path) -> None:
    (root / "graph" / "releases" / "CHANGES.md").write_text(
        LOG.replace("`Query.b`", "- DEPRECATED `Query.a`: a\n\n`Query.b`")
    )

    def released(day: str) -> list[str]:
        reason = f"Use `Query.b` instead. Goes no sooner than {day}."
        return Checkout(root, f'type Query {{ a: ID @deprecated(reason: "{reason}"), b: ID }}').release("2.0.0", TODAY)

    assert released("2030-06-29") == [
        "Query.a is deprecated and may go on 2030-06-29: clients have 180 days' notice, until 2030-06-30."
    ]
    assert released("2030-06-30") == []
