"""What a rule may use: the one list.

Forwards and derivative rules are written against a namespace `xp` and run on NumPy arrays, on
Tensors, on abstract arrays that know only shape and dtype.  They may use

- `xp.<name>` for every op in the registry (arrays positional, metadata by keyword),
- `xp.<name>` for the kernels in `FUSED`, on raw arrays only: the same result in fewer passes, or
  None where there is none,
- `xp.<name>` for the constants in `CREATION`, which depend on no array's values,
- the operators in `OPERATORS` between arrays, and between an array and a Python number,
- the attributes in `ATTRIBUTES`,
- plain Python on shapes and metadata.

Never `if` on an array's values, never another library's functions on arrays, never writing into an
array.  A test reads the source of every rule and holds it to this list.
"""

from __future__ import annotations

CREATION = ("zeros", "full", "arange", "eye", "zeros_like", "ones_like")

FUSED = ("standardize_grad",)

OPERATORS = {
    "__add__": "add",
    "__sub__": "subtract",
    "__mul__": "multiply",
    "__truediv__": "divide",
    "__pow__": "power",
    "__neg__": "negative",
    "__eq__": "equal",
    "__ne__": "not_equal",
    "__lt__": "less",
    "__le__": "less_equal",
    "__gt__": "greater",
    "__ge__": "greater_equal",
}

ATTRIBUTES = ("shape", "dtype", "ndim", "size")
