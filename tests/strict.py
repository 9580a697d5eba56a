"""The vocabulary over array-api-strict arrays, as far as the standard has its names."""

from __future__ import annotations

from typing import Any

import array_api_strict as api

from chainrule.ops.base import Namespace

SAME = [
    "add", "subtract", "multiply", "divide", "negative", "exp", "expm1", "log", "log1p",
    "log2", "log10", "sqrt", "square", "sign", "sin", "cos", "tan", "asin", "acos", "atan",
    "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "round",
    "trunc", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
    "logical_and", "logical_or", "logical_not", "logical_xor", "bitwise_and", "bitwise_or",
    "bitwise_xor", "maximum", "minimum", "where", "matmul", "isnan", "isinf", "isfinite",
    "zeros_like", "ones_like", "hypot", "copysign", "signbit", "logaddexp", "remainder",
    "real", "nextafter", "reciprocal", "floor_divide",
]  # fmt: skip
RENAMED = {"absolute": "abs", "power": "pow", "invert": "bitwise_invert", "arcsin": "asin",
           "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
           "arccosh": "acosh", "arctanh": "atanh", "rint": "round"}  # fmt: skip


def swapaxes(x: Any, *, axis1: int, axis2: int) -> Any:
    axes = list(range(x.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return api.permute_dims(x, tuple(axes))


class Backend:
    zeros = staticmethod(lambda *, shape, dtype: api.zeros(shape, dtype=like(dtype)))
    full = staticmethod(lambda *, shape, value, dtype: api.full(shape, value, dtype=like(dtype)))
    astype = staticmethod(lambda x, *, dtype: api.astype(x, like(dtype)))
    copy = staticmethod(lambda x: api.asarray(x, copy=True))
    sum = staticmethod(lambda x, *, axis, keepdims: api.sum(x, axis=axis, keepdims=keepdims))
    amax = staticmethod(lambda x, *, axis, keepdims: api.max(x, axis=axis, keepdims=keepdims))
    amin = staticmethod(lambda x, *, axis, keepdims: api.min(x, axis=axis, keepdims=keepdims))
    reshape = staticmethod(lambda x, *, shape: api.reshape(x, shape))
    broadcast_to = staticmethod(lambda x, *, shape: api.broadcast_to(x, shape))
    permute_dims = staticmethod(lambda x, *, axes: api.permute_dims(x, axes))
    swapaxes = staticmethod(swapaxes)
    concat = staticmethod(lambda *xs, axis: api.concat(xs, axis=axis))
    stack = staticmethod(lambda *xs, axis: api.stack(xs, axis=axis))
    slice = staticmethod(lambda x, *, index: x[index])
    flip = staticmethod(lambda x, *, axis: api.flip(x, axis=axis))


def like(dtype: Any) -> Any:
    """The strict dtype of a strict or NumPy one."""
    return getattr(api, str(dtype).rpartition(".")[2], dtype)


for _name in SAME:
    if hasattr(api, _name):
        setattr(Backend, _name, staticmethod(getattr(api, _name)))
for _ours, _theirs in RENAMED.items():
    setattr(Backend, _ours, staticmethod(getattr(api, _theirs)))

strict_ns = Namespace(Backend())
