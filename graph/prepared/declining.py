"""How the work is left to graphql-core."""


class Declined(Exception):
    """Something unexpected: this request is graphql-core's."""


class Unpreparable(Declined):
    """Something that is never prepared: all requests for the operation are graphql-core's."""
