"""The GraphQL API: translates between callers and `app`, and decides nothing."""
