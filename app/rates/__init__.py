"""How often callers may ask, and how often strangers may fail."""

from app.rates.terms import Terms

__all__ = ["Terms"]
