"""The face of a top-level error: a code, a message that repeats nothing of what was sent, and no bug's insides."""

import logging
import re
from traceback import walk_tb
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLSyntaxError, get_argument_values
from strawberry.exceptions import StrawberryInputCoercionError

from app.errors import RefusalCode, Refused

MASK = "Something went wrong on our side. Quote the request id when you report it."
LONGEST_MESSAGE = 500

log = logging.getLogger("billfolk")

# What a syntax error quotes of the document: tokens that carry a value, and whatever follows a colon or a guess.
_QUOTED = re.compile(r"(?<= )(Name|Int|Float|String|BlockString) '.*|(?:: | '\$|, did you mean ).*", re.DOTALL)


def present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Format a top-level error for the response; one that nobody expected is masked, and logged here, once."""
    message, extensions = _describe(error, request_id)
    formatted: dict[str, Any] = {"message": message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = error.path
    formatted["extensions"] = extensions
    return formatted


def present_refused(refused: Refused) -> dict[str, Any]:
    """Format a refusal that no part of a document caused."""
    return {"message": refused.message, "extensions": {"code": refused.code, **refused.extensions}}


def present_bug(bug: Exception, request_id: str) -> dict[str, Any]:
    """Format a bug outside execution, and log it."""
    log.error("Request %s failed", request_id, exc_info=_silent(bug), extra={"request_id": request_id})
    return {"message": MASK, "extensions": {"code": RefusalCode.INTERNAL, "requestId": request_id}}


def _describe(error: GraphQLError, request_id: str) -> tuple[str, dict[str, Any]]:
    cause = cause_of(error)
    if isinstance(cause, Refused):
        return cause.message, {"code": cause.code, **cause.extensions}
    if isinstance(cause, GraphQLSyntaxError):
        return _syntax_message(cause.description), {"code": RefusalCode.GRAPHQL_PARSE_FAILED}
    if isinstance(cause, StrawberryInputCoercionError) or _is_about_arguments(cause):
        return "An argument does not fit its type.", {"code": RefusalCode.BAD_USER_INPUT}
    if isinstance(cause, GraphQLError) and cause is error and error.path is None:
        return _shorten(error.message), {"code": RefusalCode.GRAPHQL_VALIDATION_FAILED, **(error.extensions or {})}
    # The schema's name of the field: the path has aliases, which are the client's words.
    names = [node.name.value for node in error.nodes or () if isinstance(node, FieldNode)]
    told = (request_id, "".join(names[:1]) or "its document")
    log.error("Request %s failed in %s", *told, exc_info=_silent(cause), extra={"request_id": request_id})
    return MASK, {"code": RefusalCode.INTERNAL, "requestId": request_id}


def cause_of(error: Exception) -> Exception:
    """What was raised, inside what graphql-core made of it."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _is_about_arguments(cause: Exception) -> bool:
    """Say whether a client's value made it: in execution, graphql-core reads those in `get_argument_values` alone."""
    frames = walk_tb(cause.__traceback__) if isinstance(cause, GraphQLError) else ()
    return any(frame.f_code is get_argument_values.__code__ for frame, _ in frames)


def _syntax_message(description: str) -> str:
    said = _QUOTED.sub(r"\1", description)
    return f"Syntax Error: {said.rstrip('.')}."


def _shorten(message: str) -> str:
    """Cut what repeats a name of any length, in each of a hundred errors perhaps."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"


def _silent(cause: Exception) -> Exception:
    """Keep the traceback, but not graphql-core's words, which show the value that it could not complete."""
    if isinstance(cause, GraphQLError):
        return TypeError("A field's value does not fit its type.").with_traceback(cause.__traceback__)
    return cause
