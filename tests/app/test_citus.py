"""The whole way on a real Citus, where TEST_CITUS_URL leads to one: its account may create databases."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.postgres import execute, fresh_database
from tests.server import PATIENCE, Server, run, serving

CREATE = """mutation($input: CreateCustomerInput!, $once: String) {
  createCustomer(input: $input, idempotencyKey: $once) {
    __typename ... on CreateCustomerSuccess { replayed customer { id } } } }"""
FIND = "query($id: String!) { customer(by: {externalId: $id}) { id parent { externalId } integrations { id } } }"


@pytest.fixture
def citus() -> Iterator[str]:
    """A database of its own, which Citus takes for a cluster of one node."""
    server = os.environ.get("TEST_CITUS_URL")
    if not server:
        pytest.skip("TEST_CITUS_URL names no server with the extension Citus")
    with fresh_database(server) as url:
        execute(url, "CREATE EXTENSION citus")
        yield url


def ask(server: Server, key: str, document: str, **variables: Any) -> Any:
    sent = {"query": document, "variables": variables}
    answer = httpx.post(
        f"{server.url}/graphql", json=sent, headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE
    ).json()
    assert "errors" not in answer, answer
    [outcome] = answer["data"].values()
    return outcome


def test_customers_from_before_and_after_live_together(citus: str, tmp_path: Path) -> None:
    with serving(citus, tmp_path) as server:
        key = server.key
        parent = ask(server, key, CREATE, input={"externalId": "parent"})["customer"]["id"]
        child = {
            "externalId": "before",
            "parentCustomerId": parent,
            "integrationEntityMapping": [{"provider": "STRIPE", "id": "c"}],
        }
        assert ask(server, key, CREATE, input=child, once="once")["__typename"] == "CreateCustomerSuccess"
        server.stop()

        for _ in range(2):
            ended = run("distribute", BILLFOLK_DATABASE_URL=citus)
            assert ended.returncode == 0, ended.stderr
        assert ended.stderr == "Every table is where it belongs.\n"

        server.start()
        after = {"externalId": "after", "parentCustomerId": parent}
        assert ask(server, key, CREATE, input=after)["__typename"] == "CreateCustomerSuccess"
        assert ask(server, key, CREATE, input={"externalId": "before"})["__typename"] == "ExternalIdTaken"
        assert ask(server, key, CREATE, input=child, once="once")["replayed"]
        assert [ask(server, key, FIND, id=name)["parent"] for name in ("before", "after")] == [
            {"externalId": "parent"},
            {"externalId": "parent"},
        ]
        assert run("keys", "create", "--tenant", "b", "--environment", "c", BILLFOLK_DATABASE_URL=citus).returncode == 0
    shards = execute(citus, "SELECT count(DISTINCT shardid) FROM citus_shards WHERE table_name = 'customers'::regclass")
    assert shards > 1
