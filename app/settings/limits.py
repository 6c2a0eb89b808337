"""How much one request may ask for."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LimitSettings(BaseSettings):
    """Limits of a request"""

    max_body_bytes: int = Field(1_048_576, ge=1024, description="The largest request body, in bytes.")
    max_document_length: int = Field(32_768, ge=1024, description="The longest document, in characters.")
    max_document_tokens: int = Field(
        2000, ge=200, description="The most tokens (names, values, punctuation, comments) of a document."
    )
    max_operations: int = Field(20, ge=1, description="The most operations of a document, of which one is executed.")
    max_depth: int = Field(
        15, ge=1, le=50, description="How deep fields may be nested. GraphiQL needs 15 to read the schema."
    )
    max_fields: int = Field(1000, ge=1, description="The most fields of an operation, each fragment spread in place.")
    max_root_fields: int = Field(20, ge=1, description="The most fields that an operation may have at its root.")
    max_aliases: int = Field(100, ge=0, description="The most aliases of an operation, each fragment spread in place.")
    max_directives: int = Field(
        50, ge=0, description="The most directives of an operation, each fragment spread in place."
    )
    max_comparisons: int = Field(
        10_000, ge=1000, description="How often fields of the same name may be compared to see whether they merge."
    )
    max_values: int = Field(
        100_000,
        ge=100,
        description="The most values in the variables of an operation, in all lists and objects; an object is five.",
    )
    max_cost: int = Field(100_000, ge=1000, description="The most that an operation may cost.")
    operation_timeout: float = Field(
        30.0, gt=0, description="How long an operation may take, in seconds, before it is ended as TIMEOUT."
    )
    document_cache_bytes: int = Field(
        33_554_432, ge=0, description="How much memory documents may take that are kept for when they come again."
    )
    prepared_operations: bool = Field(
        True, description="Whether operations are prepared: the same answers, several times as fast."
    )
    introspection: bool = Field(True, description="Whether clients may read the schema.")
    suggestions: bool = Field(True, description="Whether errors say which name of the schema may have been meant.")
    graphiql: bool = Field(True, description="Whether browsers get GraphiQL.")
