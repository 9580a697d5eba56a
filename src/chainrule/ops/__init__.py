"""The calculus: one class per primitive, grouped by family.

`base` says what an op is.  "How is max differentiated?" is answered in `reduction`.
"""

from chainrule.ops import (
    activation,
    arithmetic,
    comparison,
    convolution,
    embedding,
    exponential,
    linalg,
    losses,
    normalization,
    pooling,
    reduction,
    shape,
)

__all__ = [
    "activation",
    "arithmetic",
    "comparison",
    "convolution",
    "embedding",
    "exponential",
    "linalg",
    "losses",
    "normalization",
    "pooling",
    "reduction",
    "shape",
]
