"""Calls to addresses that customers give: only what is public is called, and nothing that it does is trusted."""

from app.outbound.terms import Terms

__all__ = ["Terms"]
