"""JWT bearer tokens: who is believed, by which keys, and whom a token stands for.

What needs the extra `jwt` is in modules that are imported only when an issuer is trusted.
"""

from app.identity.tokens.trust import ALGORITHMS, Trust, is_remote

__all__ = ["ALGORITHMS", "Trust", "is_remote"]
