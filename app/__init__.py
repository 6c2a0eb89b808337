"""Billfolk itself: the domain, its data and its command line. Knows nothing of GraphQL."""
