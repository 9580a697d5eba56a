"""Public functions with torch's names.  Importing this package attaches the Tensor's methods."""

# ruff: noqa: F401  (importing the modules is the purpose)
from chainrule import ops
from chainrule.functional import (
    arithmetic,
    calculus,
    conversion,
    creation,
    data,
    extrema,
    legacy,
    moments,
    norms,
    printing,
    protocols,
    random,
    reduction,
    sampling,
    scan,
    settings,
    softmax,
    sorting,
    statistics,
)
from chainrule.functional.border import EXPORTS

__all__ = [
    "EXPORTS",
    "arithmetic",
    "calculus",
    "conversion",
    "creation",
    "data",
    "extrema",
    "legacy",
    "moments",
    "norms",
    "ops",
    "printing",
    "protocols",
    "random",
    "reduction",
    "sampling",
    "scan",
    "settings",
    "softmax",
    "sorting",
    "statistics",
]
