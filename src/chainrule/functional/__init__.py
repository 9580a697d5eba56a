"""Public functions with torch's names.  Importing this package attaches the Tensor's methods."""

# ruff: noqa: F401  (importing the modules is the purpose)
from chainrule import ops
from chainrule.functional import (
    arithmetic,
    bessel,
    bitwise,
    calculus,
    comparison,
    complex,
    conversion,
    creation,
    data,
    einsum,
    exponential,
    extrema,
    legacy,
    linalg,
    moments,
    neural,
    norms,
    printing,
    protocols,
    random,
    reduction,
    rounding,
    sampling,
    scaled_products,
    scan,
    settings,
    softmax,
    sorting,
    special,
    statistics,
    trigonometry,
)
from chainrule.functional.border import EXPORTS

__all__ = ["EXPORTS"]
