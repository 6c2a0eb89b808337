"""The table of contents: every operation, every error's face."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph import customers, viewer
from graph.customers import (
    archive,
    create,
    create_many,
    erase,
    link,
    parent,
    queries,
    restore,
    unlink,
    update,
    upsert,
)
from graph.errors import FACES, Face
from graph.scalars import SCALARS


@strawberry.type(description="What can be read.")
class Query:
    customer = queries.customer
    node = queries.node
    nodes = queries.nodes
    viewer = viewer.viewer


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


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    exception_handlers=[Face(*pair) for pair in (*FACES, *customers.FACES)],
    config=StrawberryConfig(scalar_map=SCALARS),
)
