"""What an operation costs: compiled once for a document to a function of its variables.

One is about the work for one value of an answer, and all else is measured by it. Lists multiply what is below them, so
what was asked for is what counts, and not what happens to be there.
"""

from graph.limits.cost.amounts import Amount, amount_with
from graph.limits.cost.compiling import compiled
from graph.limits.cost.weights import Weight, Weights, as_many_as, assumed, of_introspection, page

__all__ = [
    "Amount",
    "Weight",
    "Weights",
    "amount_with",
    "as_many_as",
    "assumed",
    "compiled",
    "of_introspection",
    "page",
]
