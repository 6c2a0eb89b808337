"""The house rules that a machine can keep."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from app.customers import NewCustomer
from graph.customers.create import CreateCustomerInput
from graph.customers.types import Customer

ROOT = Path(__file__).parents[1]


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_app_never_imports_graph() -> None:
    files = list((ROOT / "app").rglob("*.py"))
    assert files

    guilty = [file.name for file in files if any(name.partition(".")[0] == "graph" for name in imports(file))]
    assert guilty == []


def test_the_graphql_input_and_the_model_have_the_same_fields_in_the_same_order() -> None:
    # The order is part of the contract: errors come in it.
    assert [field.name for field in fields(CreateCustomerInput)] == list(NewCustomer.model_fields)


def test_the_graphql_customer_has_only_columns_of_the_table() -> None:
    from app.customers import Customer as Stored

    shown = {field.name for field in fields(Customer)}
    computed = {"parent", "integrations", "children", "ancestors", "descendant_count", "events"}
    assert shown <= set(Stored.model_fields) | computed
