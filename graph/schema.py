"""The table of contents: every operation, every error's face."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph import viewer
from graph.customers import (
    archive,
    create,
    create_many,
    erase,
    link,
    lists,
    parent,
    queries,
    restore,
    unlink,
    update,
    upsert,
)
from graph.errors import Face
from graph.faces import FACES
from graph.keys import create as create_key
from graph.keys import queries as key_queries
from graph.keys import revoke as revoke_key
from graph.scalars import SCALARS


@strawberry.type(description="What can be read.")
class Query:
    customer = queries.customer
    customers = lists.customers
    node = queries.node
    nodes = queries.nodes
    viewer = viewer.viewer
    api_keys = key_queries.api_keys


@strawberry.type(description="What can be changed. Each answers with a union of every way in which it can end.")
class Mutation:
    create_customer = create.create_customer
    create_customers = create_many.create_customers
    update_customer = update.update_customer
    upsert_customer = upsert.upsert_customer
    archive_customer = archive.archive_customer
    restore_customer = restore.restore_customer
    set_customer_parent = parent.set_customer_parent
    link_integration = link.link_integration
    unlink_integration = unlink.unlink_integration
    erase_customer = erase.erase_customer
    create_api_key = create_key.create_api_key
    revoke_api_key = revoke_key.revoke_api_key


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    exception_handlers=[Face(*pair) for pair in FACES],
    config=StrawberryConfig(scalar_map=SCALARS),
)
