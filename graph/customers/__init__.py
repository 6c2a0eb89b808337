"""Customers in the schema: one file for each mutation, and the types that they share."""

from graph.customers.errors import FACES

__all__ = ["FACES"]
