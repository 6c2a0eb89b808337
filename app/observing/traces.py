"""Spans for OpenTelemetry: one for each request, one for its operation. They are configured by OTEL_* variables alone.

Names and attributes are those of the semantic conventions; https://opentelemetry.io/docs/specs/semconv/graphql/.
An exception is never recorded: its message may hold values.
"""

import asyncio
import os
from contextvars import Token
from importlib.metadata import entry_points

from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv._incubating.attributes import graphql_attributes as graphql
from opentelemetry.semconv.attributes import error_attributes, http_attributes, network_attributes, url_attributes
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from app.errors import Unusable
from app.observing.requests import Observation

# The convention's, for an operation of which nothing is known yet.
UNKNOWN_OPERATION = "GraphQL Operation"

_propagator = TraceContextTextMapPropagator()


class Traces:
    """Opens a span for each request, within the client's `traceparent` when it sent one."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self.tracer = provider.get_tracer("billfolk")

    def begun(self, observation: Observation, scope: Scope) -> None:
        attributes = {
            http_attributes.HTTP_REQUEST_METHOD: observation.method,
            url_attributes.URL_SCHEME: scope["scheme"],
            network_attributes.NETWORK_PROTOCOL_VERSION: scope["http_version"],
            "billfolk.request.id": observation.request_id,
        }
        name = observation.method
        if observation.route:
            name = f"{name} {observation.route}"
            attributes |= {http_attributes.HTTP_ROUTE: observation.route, url_attributes.URL_PATH: observation.route}
        span = self.tracer.start_span(name, _parent(scope), SpanKind.SERVER, attributes)
        observation.trace_id = format_trace_id(span.get_span_context().trace_id)
        observation.executing = _Trace(self.tracer, span, observation)

    def ended(self, observation: Observation) -> None:
        if isinstance(observation.executing, _Trace):
            observation.executing.end()

    async def close(self) -> None:
        """Send what is still to be sent."""
        await asyncio.to_thread(self.provider.shutdown)


class _Trace:
    """A request's span, which is current until it ends; used as a context manager, its operation's."""

    def __init__(self, tracer: Tracer, span: Span, observation: Observation) -> None:
        self._tracer = tracer
        self._span = span
        self._observation = observation
        self._token = _enter(span)

    def __enter__(self) -> None:
        self._operation = self._tracer.start_span(UNKNOWN_OPERATION)
        self._within = _enter(self._operation)

    def __exit__(self, *_: object) -> None:
        seen, span = self._observation, self._operation
        contexts.detach(self._within)
        if seen.operation_type:
            span.update_name(seen.operation_type)
            span.set_attribute(graphql.GRAPHQL_OPERATION_TYPE, seen.operation_type)
        if seen.operation_name:
            span.set_attribute(graphql.GRAPHQL_OPERATION_NAME, seen.operation_name)
        span.set_attribute("billfolk.graphql.fields", seen.fields)
        _tell_errors(span, seen)
        span.end()

    def end(self) -> None:
        seen, span = self._observation, self._span
        contexts.detach(self._token)
        if seen.status:
            span.set_attribute(http_attributes.HTTP_RESPONSE_STATUS_CODE, seen.status)
        if seen.actor:
            span.set_attribute("billfolk.tenant.id", seen.actor.tenant_id)
            span.set_attribute("billfolk.environment.id", seen.actor.environment_id)
        # A client's mistake is no error of the server.
        if seen.status >= 500:
            _tell_errors(span, seen)
        span.end()


def _tell_errors(span: Span, seen: Observation) -> None:
    if seen.codes:
        span.set_attribute(error_attributes.ERROR_TYPE, seen.codes[0])
        span.set_status(StatusCode.ERROR)


def _enter(span: Span) -> Token[Context]:
    return contexts.attach(set_span_in_context(span))


def _parent(scope: Scope) -> Context:
    # Of the W3C's headers this one alone: tracestate and baggage are free text, from whoever sends them.
    sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"]
    return _propagator.extract({"traceparent": sent[0]} if len(sent) == 1 else {}, Context())


def sent_by(exporter: str) -> Traces:
    """Spans sent in batches by the exporter of that name in OTEL_TRACES_EXPORTER. `otlp` comes with the extra."""
    name = exporter
    if name == "otlp":
        protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        name = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    found = entry_points(group="opentelemetry_traces_exporter", name=name)
    if not found:
        raise Unusable(f"The exporter {name}, which OTEL_* variables ask for, is not installed.")
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "billfolk"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(next(iter(found)).load()()))
    return Traces(provider)
