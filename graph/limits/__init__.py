"""What a document may ask for: measured before it is validated, and refused before it costs anything."""

from graph.limits.limits import DEFAULTS, Limits
from graph.limits.refusals import too_large
from graph.limits.shape import oversized
from graph.limits.text import overlong, tokens_of

__all__ = ["DEFAULTS", "Limits", "overlong", "oversized", "tokens_of", "too_large"]
