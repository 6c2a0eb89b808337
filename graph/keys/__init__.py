"""API keys in the schema, for holders of the scope `admin`."""

from graph.keys.errors import FACES

__all__ = ["FACES"]
