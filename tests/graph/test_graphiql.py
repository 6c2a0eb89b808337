"""GraphiQL as a person meets it: in a real browser that can reach nothing but the server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.settings import Settings
from graph.asgi import create_app
from graph.graphiql.examples import EXAMPLES, Example
from tests import browser
from tests.server import Server, serving

SDL = Path(__file__).parents[2] / "schema.graphql"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with serving(f"sqlite:///{folder / 'billfolk.db'}", folder) as server:
        yield server


@pytest.fixture
def page(server: Server) -> Iterator[browser.Page]:
    if browser.PROGRAM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on PATH")
    with browser.open_page() as page:
        page.open(f"{server.url}/graphql")
        page.until("document.querySelectorAll('.CodeMirror').length >= 4")
        yield page


EXECUTE = ".graphiql-execute-button"
HEADERS = ".graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror"
SCHEMA_SHOWN = "document.querySelector('.graphiql-doc-explorer-content')?.textContent.includes('Mutation')"


def shown(page: browser.Page, text: str) -> str:
    """The whole answer that GraphiQL shows, once it holds a text."""
    answer = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()"
    page.until(f"{answer}.includes({json.dumps(text)})")
    return str(page.evaluate(answer))


def authorization(key: str) -> str:
    return json.dumps({"Authorization": f"Bearer {key}"})


@pytest.mark.slow
def test_creates_a_customer_without_a_foreign_request_or_a_breach_of_policy(server: Server, page: browser.Page) -> None:
    page.replace(HEADERS, authorization(server.key))
    page.click(EXECUTE)

    outcome = json.loads(shown(page, "__typename"))["data"]["createCustomer"]
    assert outcome["__typename"] == "CreateCustomerSuccess"
    assert outcome["customer"]["externalId"] == "acme-1"
    assert [url for url in page.requests() if not url.startswith(f"{server.url}/")] == []
    assert page.complaints() == []


@pytest.mark.slow
def test_says_where_the_key_belongs_and_asks_the_server_nothing_before(server: Server, page: browser.Page) -> None:
    assert "Authorization: Bearer sk_" in shown(page, "No API key yet")

    page.click(EXECUTE)

    shown(page, "No API key yet")
    assert page.requests().count(f"{server.url}/graphql") == 1
    assert page.complaints() == []


@pytest.mark.slow
def test_a_wrong_key_leaves_a_usable_page_and_the_right_one_brings_the_schema(
    server: Server, page: browser.Page
) -> None:
    page.click("[aria-label='Show Documentation Explorer']")
    page.replace(HEADERS, authorization("sk_wrong"))
    page.click(EXECUTE)
    shown(page, "UNAUTHENTICATED")

    page.replace(HEADERS, authorization(server.key))

    page.until(SCHEMA_SHOWN)
    assert {complaint for complaint in page.complaints() if "401" not in complaint} == set()


@pytest.mark.slow
def test_a_key_pasted_once_serves_every_tab(server: Server, page: browser.Page) -> None:
    page.click("[aria-label='Show Documentation Explorer']")
    page.replace(HEADERS, authorization(server.key))
    page.until(SCHEMA_SHOWN)

    page.click("#graphiql-session-tab-3")
    page.until("document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.getValue().includes('Viewer')")
    page.click(EXECUTE)

    assert "UNAUTHENTICATED" not in shown(page, "data")


@pytest.mark.slow
def test_the_explorer_edits_the_query_of_the_open_tab(server: Server, page: browser.Page) -> None:
    query = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.getValue()"
    page.click("[aria-label='Show Explorer']")
    page.replace(HEADERS, authorization(server.key))
    page.until("document.querySelector('[data-field-name=createCustomer]')")
    page.click("#graphiql-session-tab-3")

    page.click("[data-field-name=viewer] svg")
    page.until(f"!{query}.includes('viewer')")
    page.click("[data-field-name=viewer] svg")
    page.until(f"{query}.includes('viewer')")


@pytest.mark.slow
def test_panels_and_dialogs_open_within_the_policy(server: Server, page: browser.Page) -> None:
    page.replace(HEADERS, authorization(server.key))
    page.click("[aria-label='Show Explorer']")
    page.until("document.querySelector('.graphiql-explorer-root')?.textContent.includes('createCustomer')")
    page.click("[aria-label='Show History']")
    page.until("document.querySelector('.graphiql-history')")
    page.click("[aria-label='Open settings dialog']")
    page.until("document.querySelector('[role=dialog]')?.textContent.includes('Theme')")

    assert page.complaints() == []


def test_the_page_runs_no_inline_script_and_finds_all_its_assets() -> None:
    with TestClient(Starlette(routes=create_app(Settings()).routes)) as client:
        answer = client.get("/graphql", headers={"Accept": "text/html"})
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert re.findall(r"<script(?![^>]*(?:src=|application/json))|<style|\son\w+=|\sstyle=", answer.text) == []
        for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
            asset = client.get(f"/{address}")
            assert asset.status_code == 200, address
            again = client.get(f"/{address}", headers={"If-None-Match": asset.headers["etag"]})
            assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache"), address


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.query.split("(")[0].split()[-1])
def test_every_example_is_valid_against_the_schema(example: Example) -> None:
    assert validate(build_schema(SDL.read_text(encoding="utf-8")), parse(example.query)) == []
