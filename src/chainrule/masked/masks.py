"""Masks in the shape of what they mask; masked-out elements made to count for nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply, cast
from chainrule.errors import ArgumentError, DimensionError
from chainrule.ops.comparison import Where
from chainrule.tensor import from_array


def shaped(input: Any, mask: Any) -> Any:
    """The mask as booleans in the shape of the input, an array."""
    array = mask._array
    if array.ndim > input._array.ndim:
        raise DimensionError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher than of the "
            "input)",
            [("input", input), ("mask", mask)],
        )
    return np.broadcast_to(array.astype(np.bool_), input._array.shape)


def axes_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """`dim` as sorted axes; None and () mean all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    given = (dim,) if isinstance(dim, (int, np.integer)) else tuple(dim)
    if len(set(given)) != len(given):
        twice = next(d for d in given if given.count(d) > 1)
        raise ArgumentError(f"dim={twice} appears multiple times in the list of dims")
    return tuple(sorted(spec.normalize_axis(int(d), ndim) for d in given)) if ndim else (0,)


def lowest(dtype: Any) -> Any:
    """What no element is below: -inf, or the least integer."""
    if dtype.kind in "fcV":
        return -np.inf
    return False if dtype.kind == "b" else np.iinfo(dtype).min


def highest(dtype: Any) -> Any:
    if dtype.kind in "fcV":
        return np.inf
    return True if dtype.kind == "b" else np.iinfo(dtype).max


def filled(input: Any, mask: Any, value: Any) -> Any:
    """The input with `value` where the mask is False; no mask leaves it as it is."""
    if mask is None:
        return input
    dtype = input._array.dtype
    blank = from_array(np.asarray(value).astype(dtype))
    return apply(Where, from_array(shaped(input, mask)), input, blank)


def promoted(input: Any, dtype: Any) -> Any:
    """The dtype of a sum or product: as asked for, else int64 for integers."""
    if dtype is not None:
        return dtypes.numpy_dtype(dtype)
    own = input._array.dtype
    return own if spec.is_inexact(own) else spec.INT64


def as_asked(result: Any, input: Any, dtype: Any) -> Any:
    """The result in the dtype asked for, by default that of the input."""
    wanted = input._array.dtype if dtype is None else dtypes.numpy_dtype(dtype)
    return result if result._array.dtype == wanted else cast(result, wanted)


__all__ = ["as_asked", "axes_of", "filled", "highest", "lowest", "promoted", "shaped"]
