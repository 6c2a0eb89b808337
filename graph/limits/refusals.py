"""What a client is told whose document asks for too much."""

from graphql import GraphQLError, Node

from app.errors import RefusalCode


def too_large(limit: str, most: int, message: str, node: Node | None = None, **more: int) -> GraphQLError:
    """A refusal by the limit of that name. The message says what the number counts."""
    return GraphQLError(message, node, extensions={"code": RefusalCode.TOO_LARGE, "limit": limit, "most": most, **more})
