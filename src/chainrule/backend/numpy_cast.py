"""Copies and casts over NumPy arrays, with torch's results where C leaves them open."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

Array = Any


E4M3, E8M0 = np.dtype(ml_dtypes.float8_e4m3fn), np.dtype(ml_dtypes.float8_e8m0fnu)
BOUNDED = frozenset((E4M3, E8M0))


def bounded(x: Array, dtype: Any) -> Array:
    """`x` in an 8-bit format that has no infinity, or no sign: torch takes the nearest there is."""
    x = x.astype(np.float32)
    if dtype == E8M0:
        return np.maximum(np.abs(x), np.float32(2.0**-127)).astype(dtype)
    return np.clip(x, -448, 448).astype(dtype)


def astype(x: Array, *, dtype: Any) -> Array:
    """`x` in another dtype, in the same memory order.

    Floats go to the short integers by way of a long one, so that what does not fit wraps around
    and NaN becomes 0; complex numbers lose their imaginary part.
    """
    kind = x.dtype.kind
    if dtype in BOUNDED and dtype != x.dtype and kind != "c":
        return bounded(x, dtype)
    if kind in "fV" and dtype.kind in "iu":
        if kind == "V":
            x = x.astype(np.float32)
        if dtype.itemsize < 4:
            double_to_byte = dtype.kind == "i" and x.dtype.itemsize == 8
            short = dtype.kind == "i" and dtype.itemsize == 2
            through = np.int32 if double_to_byte or short else np.int64
            return x.astype(through).astype(dtype)
    elif kind == "f" and x.dtype.itemsize == 8 and dtype.itemsize == 2:
        return x.astype(np.float32).astype(dtype)  # rounded twice, as torch does
    elif kind == "c" and dtype.kind not in "cb":
        return astype(x.real, dtype=dtype)
    elif kind == "c" and dtype.kind == "b":
        return x != 0
    return x.astype(dtype)


def copy(x: Array, *, order: tuple[int, ...] | None = ()) -> Array:
    """Memory of its own: row-major, as `x` has it (None), or with the slowest axis first."""
    if not order:
        return np.array(x, order="C" if order == () else "K")
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return np.array(x.transpose(order), order="C").transpose(inverse)
