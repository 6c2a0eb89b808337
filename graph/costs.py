"""What the fields of this API cost, in values of an answer; one that is not named here costs one."""

from app.customers.hierarchy import DEEPEST_LEVEL
from graph.limits.cost import Weight, Weights, as_many_as, assumed, page
from graph.pagination import MOST, USUAL

READ = 100  # a statement, and the way to the database and back
WRITE = 200
STORED = 30  # one of many in a single statement
SEARCH = 1000  # many customers are looked at, to show a few
COUNT = 200
SHARED = 10  # of a statement that serves all customers of a page
LONG = 3  # a value that may be as long as several

NODES = frozenset({"edges", "nodes"})
PAGE = page(USUAL, MOST)

WEIGHTS: Weights = {
    "Query.customer": Weight(READ),
    "Query.customers": Weight(
        READ, items=PAGE, of=NODES, given={("filter", "search"): SEARCH, ("filter", "metadata"): SEARCH}
    ),
    "Query.node": Weight(READ),
    "Query.nodes": Weight(READ, each=2, items=as_many_as("ids")),
    "Query.viewer": Weight(),
    "Query.apiKeys": Weight(READ, items=assumed(20)),
    "Mutation.createCustomer": Weight(WRITE),
    "Mutation.createCustomers": Weight(WRITE, each=STORED, items=as_many_as("inputs"), of=frozenset({"results"})),
    "Mutation.updateCustomer": Weight(WRITE),
    "Mutation.upsertCustomer": Weight(WRITE),
    "Mutation.archiveCustomer": Weight(WRITE),
    "Mutation.restoreCustomer": Weight(WRITE),
    "Mutation.setCustomerParent": Weight(WRITE),
    "Mutation.linkIntegration": Weight(WRITE),
    "Mutation.unlinkIntegration": Weight(WRITE),
    "Mutation.eraseCustomer": Weight(WRITE),
    "Mutation.createApiKey": Weight(WRITE),
    "Mutation.revokeApiKey": Weight(WRITE),
    "Customer.metadata": Weight(LONG),
    "Customer.parent": Weight(SHARED),
    "Customer.integrations": Weight(SHARED, items=assumed(3)),
    "Customer.children": Weight(SHARED, each=1, items=PAGE, of=NODES),
    "Customer.ancestors": Weight(SHARED, items=assumed(DEEPEST_LEVEL - 1)),
    "Customer.descendantCount": Weight(COUNT),
    "Customer.events": Weight(SHARED, each=1, items=PAGE, of=NODES),
    "CustomerConnection.totalCount": Weight(COUNT),
    "CustomerEventConnection.totalCount": Weight(COUNT),
    "PageInfo.hasNextPage": Weight(SHARED),
    "PageInfo.hasPreviousPage": Weight(SHARED),
    "CustomerEvent.changes": Weight(items=assumed(2)),
    "FieldChange.before": Weight(LONG),
    "FieldChange.after": Weight(LONG),
    "ValidationErrors.fieldErrors": Weight(items=assumed(5)),
}
