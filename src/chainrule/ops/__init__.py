"""The calculus: one class per primitive, grouped by family.

`base` says what an op is.  "How is max differentiated?" is answered in `reduction`.
"""

from chainrule.ops import (
    activation,
    arithmetic,
    comparison,
    exponential,
    linalg,
    reduction,
    shape,
)

__all__ = [
    "activation",
    "arithmetic",
    "comparison",
    "exponential",
    "linalg",
    "reduction",
    "shape",
]
