"""The README, held against what it describes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLUnionType

from app.errors import RefusalCode
from app.settings import markdown
from graph.errors import ErrorCode
from graph.schema import schema
from tests.api import Api

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def table(first_column: str) -> list[list[str]]:
    """The rows of the table whose first column is called so."""
    [rows] = re.findall(rf"^\| {re.escape(first_column)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.splitlines()]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.anyio
@pytest.mark.parametrize("example", [0, 1])
async def test_the_mutation_gives_the_answers_that_are_shown(api: Api, example: int) -> None:
    mutation = blocks("graphql")[0]
    variables, answer = (json.loads(block) for block in blocks("json")[2 * example :][:2])

    def timeless(outcome: Any) -> Any:
        made_up = {"id": "cust_", "createdAt": "Z"}
        return {**outcome, "customer": {**outcome["customer"], **made_up}} if "customer" in outcome else outcome

    data = await api.execute(mutation, variables)
    assert timeless(data["createCustomer"]) == timeless(answer["data"]["createCustomer"])


def test_the_union_is_the_schemas() -> None:
    union = schema._schema.type_map["CreateCustomerResult"]
    assert isinstance(union, GraphQLUnionType)
    members = [member.name for member in union.types]

    assert blocks("graphql")[1] == f"union CreateCustomerResult = {' | '.join(members)}\n"
    assert [code(name) for name, *_ in table("Member")] == [[member] for member in members[1:]]


def test_the_codes_exist() -> None:
    assert {name for _, codes, _ in table("Member") for name in code(codes)} <= set(ErrorCode)
    assert {name for codes, *_ in table("`extensions.code`") for name in code(codes)} <= set(RefusalCode)


def test_the_tables_of_settings_are_as_printed() -> None:
    [tables] = re.findall(
        r"^<!-- python -m app settings --markdown -->\n\n(.*?)\n<!--", README, re.MULTILINE | re.DOTALL
    )

    assert tables == markdown()


def test_everything_has_its_place() -> None:
    """Each folder and file right below `app` and `graph` is named, and nothing else."""
    named: dict[str, list[str]] = {}
    for line in blocks("text")[0].splitlines():
        name = line.split()[0].removesuffix("/")
        if line.startswith(" "):
            named[[*named][-1]].append(name)
        else:
            named[name] = []

    for package in ("app", "graph"):
        there = {path.name for path in (ROOT / package).iterdir() if not path.name.startswith("__")}
        assert sorted(named.pop(package)) == sorted(there)
    assert named == {"tests": []}


def test_every_file_that_is_named_exists() -> None:
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    named = [name for name in code(prose) if re.match(r"(app|graph|tests|\.ci)/|\.pre-commit|schema\.", name)]
    assert named

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_code_generators_configuration_is_the_tested_one() -> None:
    assert blocks("yaml") == [(ROOT / "tests/clients/codegen.yml").read_text("utf-8")]


def test_ci_installs_and_tests_as_the_readme_says() -> None:
    ci = (ROOT / ".ci/run").read_text("utf-8").splitlines()
    [command] = [block for block in blocks("sh") if "pytest" in block]

    for step in command.strip().split(" && ")[1:]:
        assert step.removeprefix(".venv/bin/") in ci
