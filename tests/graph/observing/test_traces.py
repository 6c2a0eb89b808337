"""Spans: of requests, of operations, of transactions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import text

from app.observing import Telemetry
from app.observing.traces import Traces
from app.settings import Settings
from graph.asgi import create_app
from tests.api import Api
from tests.graph.observing.receiver import receiving
from tests.lines import told
from tests.server import run, serving

pytestmark = pytest.mark.anyio

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@asynccontextmanager
async def traced(database_url: str, provider: TracerProvider) -> AsyncIterator[tuple[Api, InMemorySpanExporter]]:
    """A server of the test's own in this process, a tenant, and the spans that end."""
    spans = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    settings = Settings(database_url=database_url)
    app = create_app(settings, Telemetry(settings, main="/graphql", traces=Traces(provider)))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billfolk.test") as client,
    ):
        api = await Api(client, app.state.database).acting()
        spans.clear()
        yield api, spans


@pytest.fixture
async def tracing(database_url: str) -> AsyncIterator[tuple[Api, InMemorySpanExporter]]:
    async with traced(database_url, TracerProvider()) as both:
        yield both


Tracing = tuple[Api, InMemorySpanExporter]


def tree(spans: Sequence[ReadableSpan], parent: int | None = None) -> list[tuple[str, list[tuple[str, list[object]]]]]:
    """The spans' names, each with those within it, in the order in which they began."""
    children = [span for span in spans if (span.parent.span_id if span.parent else None) == parent]
    children.sort(key=lambda span: span.start_time or 0)
    return [(span.name, tree(spans, span.context.span_id)) for span in children]  # type: ignore[misc]


async def test_a_mutation_is_a_request_an_operation_and_its_transactions(tracing: Tracing) -> None:
    api, spans = tracing
    body = {
        "query": "mutation SignUp($id: String!) { createCustomer(input: {externalId: $id}) { __typename } }",
        "variables": {"id": "a"},
    }
    response = await api.client.post("/graphql", json=body, headers={"x-api-key": api.secret, "x-request-id": "req-1"})
    assert response.status_code == 200
    found = spans.get_finished_spans()

    assert tree(found) == [("POST /graphql", [("read", []), ("mutation", [("write", [])])])]
    attributes = {span.name: dict(span.attributes or {}) for span in found}
    assert attributes["POST /graphql"] == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "url.path": "/graphql",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "http.response.status_code": 200,
        "billfolk.request.id": "req-1",
        "billfolk.tenant.id": api.tenant,
        "billfolk.environment.id": api.environment,
    }
    assert attributes["mutation"] == {
        "graphql.operation.type": "mutation",
        "graphql.operation.name": "SignUp",
        "billfolk.graphql.fields": ("createCustomer",),
    }
    assert attributes["write"] == {"db.system.name": "sqlite" if api.database.is_sqlite else "postgresql"}
    assert {span.name: span.kind for span in found} == {
        "POST /graphql": SpanKind.SERVER,
        "read": SpanKind.CLIENT,
        "mutation": SpanKind.INTERNAL,
        "write": SpanKind.CLIENT,
    }
    assert {span.status.status_code for span in found} == {StatusCode.UNSET}


async def test_a_clients_traceparent_is_the_parent_and_nothing_else_of_it_is_kept(
    tracing: Tracing, capfd: pytest.CaptureFixture[str]
) -> None:
    api, spans = tracing
    headers = {
        "traceparent": f"00-{TRACE}-{PARENT}-01",
        "tracestate": "canary=canary",
        "baggage": "canary=canary",
        "x-api-key": api.secret,
    }
    await api.client.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
    found = spans.get_finished_spans()

    assert {f"{span.context.trace_id:032x}" for span in found if span.context} == {TRACE}
    assert [f"{span.parent.span_id:016x}" for span in found if span.name == "POST /graphql" and span.parent] == [PARENT]
    assert "canary" not in "".join(span.to_json() for span in found)
    assert told(capfd.readouterr().err, "POST /graphql")[0]["trace_id"] == TRACE


@pytest.mark.parametrize("sent", ["", "canary", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", "é"])
async def test_a_traceparent_that_is_none_begins_a_trace(tracing: Tracing, sent: str) -> None:
    api, spans = tracing
    await api.client.get("/healthz", headers={b"traceparent": sent.encode()})
    [span] = spans.get_finished_spans()

    assert span.parent is None


async def test_a_refused_document_is_no_error_of_the_servers(tracing: Tracing) -> None:
    api, spans = tracing
    await api.post("{ nothing }")
    operation, request = spans.get_finished_spans()[-2:]

    assert (operation.name, operation.status.status_code) == ("GraphQL Operation", StatusCode.ERROR)
    assert (operation.attributes or {})["error.type"] == "GRAPHQL_VALIDATION_FAILED"
    assert (request.name, request.status.status_code) == ("POST /graphql", StatusCode.UNSET)


async def test_a_failed_transaction_is_told_without_the_drivers_words(own_database: str) -> None:
    async with traced(own_database, TracerProvider()) as (api, spans):
        async with api.database.direct.connect() as connection:
            await connection.execution_options(billfolk_writes=True)
            await connection.execute(text("CREATE UNIQUE INDEX one ON customers (email)"))
            await connection.commit()
        await api.created(externalId="a", email="canary@example.com")
        await api.created(externalId="b")
        spans.clear()
        error = await api.refused(
            'mutation { updateCustomer(by: {externalId: "b"}, patch: {email: "canary@example.com"}) { __typename } }'
        )
        found = spans.get_finished_spans()

    assert error["extensions"]["code"] == "INTERNAL"
    [write] = [span for span in found if span.name == "write"]
    assert write.status.status_code is StatusCode.ERROR
    assert write.attributes
    assert "Error" in str(write.attributes["error.type"])
    assert write.attributes["billfolk.rolled_back"] is True
    assert write.attributes.get("db.response.status_code") == (None if api.database.is_sqlite else "23505")
    [operation] = [span for span in found if span.name == "mutation"]
    assert (operation.attributes or {})["error.type"] == "INTERNAL"
    assert "canary" not in "".join(span.to_json() for span in found)


async def test_what_is_not_sampled_is_not_recorded(database_url: str) -> None:
    async with traced(database_url, TracerProvider(sampler=ALWAYS_OFF)) as (api, spans):
        await api.execute("{ viewer { id } }")
        assert spans.get_finished_spans() == ()


@pytest.mark.slow
def test_spans_are_sent_to_where_the_standard_variables_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with receiving() as receiver, serving(url, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as server:
        body = {"query": "{ viewer { id } }"}
        assert httpx.post(f"{server.url}/graphql", json=body, headers={"x-api-key": server.key}).status_code == 200
        assert server.stop() == 0
        spans = receiver.spans

    assert {"POST /graphql", "query", "read"} <= {span.name for span in spans}
    assert b"billfolk" in receiver.bodies[0]


@pytest.mark.slow
@pytest.mark.parametrize("off", ["OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none"])
def test_tracing_can_be_switched_off(tmp_path: Path, off: str) -> None:
    name, _, value = off.partition("=")
    with receiving() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, name: value}
        with serving(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **settings) as server:
            assert server.stop() == 0

    assert receiver.bodies == []


@pytest.mark.slow
def test_an_exporter_that_is_not_installed_is_told_in_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ended = run("serve", "--port", "0", BILLFOLK_DATABASE_URL=url, OTEL_TRACES_EXPORTER="nothing")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "billfolk: The exporter nothing, which OTEL_* variables ask for, is not installed."
    )
