"""The documents: each mutation with every member of its union, and one query that reads all there is."""

from itertools import product

from graphql import GraphQLField, GraphQLUnionType

from graph.schema import schema
from tests.api import CUSTOMER

EXTERNAL_IDS = ("a", "b", "c", "ü")
PROVIDERS = ("STRIPE", "PAYPAL")
PROVIDER_IDS = ("1", "2")
LINKS = [{"provider": provider, "id": id} for provider, id in product(PROVIDERS, PROVIDER_IDS)]

SHOWN = {
    "ValidationErrors": "fieldErrors { code path message }",
    "VersionConflict": f"expectedVersion current {{ {CUSTOMER} }}",
    "ExternalIdTaken": f"existing {{ {CUSTOMER} }}",
    "IntegrationTaken": f"provider id existing {{ {CUSTOMER} }}",
    "UpsertCustomerSuccess": "outcome",
    "EraseCustomerSuccess": "receipt { customerId erasedAt erasedBy fields redactedEvents }",
}


def outcome(union: GraphQLUnionType) -> str:
    """Every field of every member."""
    members = ["__typename", "... on Error { code message path }"]
    for member in union.types:
        shown = SHOWN.get(member.name, "")
        if member.name == "CreateCustomersSuccess":
            row = mutations()["createCustomer"].type
            assert isinstance(row, GraphQLUnionType)
            shown = f"replayed results {{ index result {{ {outcome(row)} }} }}"
        elif member.name.endswith("Success"):
            shown += f" replayed customer {{ {CUSTOMER} }}"
        if shown:
            members.append(f"... on {member.name} {{ {shown} }}")
    return "\n".join(members)


def mutations() -> dict[str, GraphQLField]:
    type = schema._schema.mutation_type
    assert type
    return dict(type.fields)


def document(name: str, field: GraphQLField) -> str:
    assert isinstance(field.type, GraphQLUnionType)
    # What has a default is declared without its `!`, so that it can be left out.
    types = {name: str(argument.type) for name, argument in field.args.items()}
    types["onError"] = "OnError! = SKIP"
    variables = ", ".join(f"${name}: {types[name]}" for name in field.args)
    arguments = ", ".join(f"{name}: ${name}" for name in field.args)
    return f"mutation({variables}) {{ {name}({arguments}) {{ {outcome(field.type)} }} }}"


MUTATIONS = {
    name: document(name, field)
    for name, field in mutations().items()
    if name.endswith(("Customer", "Customers", "CustomerParent", "Integration"))
}


# Each way to find a customer.
LOOK = f"""
query($ids: [ID!]!, $id: ID!, $externalId: String!, $integration: IntegrationBy!) {{
  nodes(ids: $ids) {{ ... on Customer {{
    {CUSTOMER}
    ancestors {{ id }}
    children(first: 100) {{ nodes {{ id }} }}
    descendantCount
    events(first: 100) {{ nodes {{ type customerVersion actorId createdAt changes {{ field before after }} }} }}
  }} }}
  customers(first: 100) {{ totalCount nodes {{ id }} }}
  node(id: $id) {{ id }}
  byId: customer(by: {{id: $id}}) {{ {CUSTOMER} }}
  byExternalId: customer(by: {{externalId: $externalId}}) {{ id }}
  byIntegration: customer(by: {{integration: $integration}}) {{ id }}
}}
"""
