"""The operations that GraphiQL opens with, one to a tab."""

from typing import Any, NamedTuple


class Example(NamedTuple):
    """A tab: GraphiQL names it after the operation."""

    query: str
    variables: dict[str, Any]


CREATE = """\
# First put your API key in place of sk_… under
# "Headers" below. The server printed one on its first
# start; `python -m app keys create` makes another.
#
# Then press ▶ or Ctrl-Enter. Press it again to see
# what a taken external id looks like.

mutation CreateCustomer($input: CreateCustomerInput!, $idempotencyKey: String) {
  createCustomer(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on CreateCustomerSuccess {
      replayed
      customer {
        id
        externalId
        name
        email
        status
        version
        createdAt
      }
    }
    ... on Error {
      code
      message
      path
    }
    ... on ValidationErrors {
      fieldErrors {
        path
        code
        message
      }
    }
    ... on ExternalIdTaken {
      existing {
        id
      }
    }
  }
}
"""

MISTAKES = """\
# Almost nothing here is right. One answer says so,
# field by field, for people and for programs.

mutation ManyMistakes($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    __typename
    ... on ValidationErrors {
      fieldErrors {
        path
        code
        message
        constraint {
          __typename
          ... on LengthConstraint {
            minLength
            maxLength
            actualLength
          }
          ... on ChoiceConstraint {
            suggestion
          }
        }
      }
    }
  }
}
"""

FIND = """\
query FindCustomer($externalId: String!) {
  customer(by: { externalId: $externalId }) {
    id
    externalId
    name
    email
    addressCountry
    timezone
    metadata
    status
    version
    createdAt
    updatedAt
  }
}
"""

VIEWER = """\
# Whose key this is.

query Viewer {
  viewer {
    id
    tenantId
    environmentId
    scopes
  }
}
"""

EXAMPLES = (
    Example(
        CREATE,
        {
            "input": {
                "externalId": "acme-1",
                "name": "Acme GmbH",
                "email": "billing@acme.example",
                "addressCity": "Berlin",
                "addressCountry": "DE",
                "timezone": "Europe/Berlin",
                "metadata": {"plan": "pro"},
            },
            "idempotencyKey": None,
        },
    ),
    Example(
        MISTAKES,
        {
            "input": {
                "externalId": "",
                "email": "Jane Doe <jane@acme.example>",
                "addressPostalCode": "a postal code of more than twenty characters",
                "addressCountry": "UK",
                "timezone": "Europe/Berln",
                "metadata": {"seats": 12},
            },
        },
    ),
    Example(FIND, {"externalId": "acme-1"}),
    Example(VIEWER, {}),
)
