"""What is observed of the database: a span for each transaction. Statements and their parameters are in none."""

from typing import Any

from opentelemetry.semconv.attributes import db_attributes, error_attributes
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from sqlalchemy import Connection, Engine, ExceptionContext, event

from app.observing import failures

SPAN = "billfolk.span"


def trace(engine: Engine, tracer: Tracer) -> None:
    """Open a span while a connection of the engine is out of its pool: from before BEGIN to after COMMIT."""
    system = {db_attributes.DB_SYSTEM_NAME: engine.dialect.name}

    def taken(_connection: Any, record: Any, _proxy: Any) -> None:
        record.info[SPAN] = tracer.start_span("transaction", kind=SpanKind.CLIENT, attributes=system)

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("billfolk_writes", False)
        if span := _span(connection):
            span.update_name("write" if writes else "read")

    def rolled_back(connection: Connection) -> None:
        if span := _span(connection):
            span.set_attribute("billfolk.rolled_back", True)

    def failed(context: ExceptionContext) -> None:
        span = _span(context.connection) if context.connection else None
        if span:
            state = getattr(context.original_exception, "sqlstate", None)
            if isinstance(state, str):
                span.set_attribute(db_attributes.DB_RESPONSE_STATUS_CODE, state)
            span.set_attribute(error_attributes.ERROR_TYPE, failures.name_of(context.original_exception))
            span.set_status(StatusCode.ERROR)

    def returned(_connection: Any, record: Any) -> None:
        span: Span | None = record.info.pop(SPAN, None)
        if span:
            span.end()

    event.listen(engine, "checkout", taken)
    event.listen(engine, "begin", begun)
    event.listen(engine, "rollback", rolled_back)
    event.listen(engine, "handle_error", failed)
    event.listen(engine, "checkin", returned)


def _span(connection: Connection) -> Span | None:
    if connection.invalidated or connection.closed:
        return None
    span: Span | None = connection.info.get(SPAN)
    return span
