"""The calculus: one class per primitive, grouped by family.

`base` says what an op is.  "How is max differentiated?" is answered in `reduction`.
"""

from chainrule.ops import (
    activation,
    arithmetic,
    bitwise,
    comparison,
    convolution,
    embedding,
    exponential,
    linalg,
    losses,
    normalization,
    pooling,
    reduction,
    rounding,
    scan,
    shape,
    softmax,
    sorting,
    special,
    trigonometry,
)

__all__ = [
    "activation",
    "arithmetic",
    "bitwise",
    "comparison",
    "convolution",
    "embedding",
    "exponential",
    "linalg",
    "losses",
    "normalization",
    "pooling",
    "reduction",
    "rounding",
    "scan",
    "shape",
    "softmax",
    "sorting",
    "special",
    "trigonometry",
]
