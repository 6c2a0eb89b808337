"""What a document may ask for: measured before it is validated, and refused before it costs anything."""

from graph.limits.limits import DEFAULTS, Limits
from graph.limits.refusals import too_large
from graph.limits.shape import oversized
from graph.limits.text import overlong
from graph.limits.variables import overfull, overpriced

__all__ = ["DEFAULTS", "Limits", "overfull", "overlong", "overpriced", "oversized", "too_large"]
