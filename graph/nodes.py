"""Records that can be fetched by id alone."""

import strawberry


@strawberry.interface(description="Anything that `node` and `nodes` can fetch.")
class Node:
    id: strawberry.ID = strawberry.field(description="Billfolk's own id: a prefix that tells the type, and a ULID.")
