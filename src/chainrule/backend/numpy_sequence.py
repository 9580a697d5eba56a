"""arange, linspace and logspace, rounded as torch rounds them on a processor with AVX2.

There arange is computed in blocks of one register: the first value of a block is rounded to the
dtype, and multiples of the step are added to it; the elements after the last pair of blocks are
computed one by one.  A product and a sum are rounded once together (fused), for which longer
floats stand here.  All of it matters in the last bit only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any

REGISTER = 32  # bytes


def blocks(count: int, itemsize: int) -> tuple[Array, Array, int]:
    """For each element the first of its block and its place in there; where the tail starts."""
    width = REGISTER // itemsize
    i = np.arange(count)
    lane = i % width
    return i - lane, lane, count - count % (2 * width)


def fused(a: Any, b: Any, c: Any, dtype: Any) -> Array:
    """a + b * c, rounded once to `dtype`."""
    wide = np.longdouble if np.dtype(dtype).itemsize == 8 else np.float64
    return (np.asarray(a, wide) + np.asarray(b, wide) * np.asarray(c, wide)).astype(dtype)


def arange_floats(start: float, step: float, count: int, dtype: Any) -> Array:
    """start + i * step; the ends in float64, or in float32 for the 16-bit dtypes."""
    wide = np.dtype(np.float32 if dtype.itemsize == 2 else np.float64)
    first, by = wide.type(start), wide.type(step)
    head, lane, tail = blocks(count, dtype.itemsize)
    if tail == 0:
        return fused(first, by, np.arange(count), wide).astype(dtype)
    base = fused(first, by, head, wide).astype(dtype)
    out = fused(base.astype(wide), by, lane, wide).astype(dtype)
    out[tail:] = fused(first, by, np.arange(tail, count), wide).astype(dtype)
    return out


def linspace_numbers(start: Any, end: Any, count: int, dtype: Any) -> Array:
    """`count` numbers from `start` to `end`, each half counted from its own end.

    Integers are computed in float64 and cut; 16-bit floats round after every operation.
    """
    if count < 2:
        return np.full(count, start).astype(dtype)
    wide = dtype
    if dtype.kind in "iu":
        start, end, wide = int(start), int(end), np.dtype(np.float64)
    first, last = (np.array(v).astype(dtype).astype(wide) for v in (start, end))
    step = (last - first) / np.array(count - 1).astype(wide)
    i = np.arange(count)
    if dtype.kind == "c" or (dtype.itemsize == 2 and dtype.kind in "fV"):
        rising = first + step * i.astype(wide)
        falling = last - step * (count - 1 - i).astype(wide)
    else:
        rising, falling = fused(first, step, i, wide), fused(last, -step, count - 1 - i, wide)
    return np.where(i < count // 2, rising, falling).astype(dtype)


def logspace_numbers(start: Any, end: Any, count: int, base: Any, dtype: Any) -> Array:
    """base ** exponent for `count` exponents from `start` to `end`."""
    whole = dtype.kind in "iu"
    if count == 1:
        return np.power(np.array([base]), start).astype(dtype)
    if whole:
        start, end = int(start), int(end)
    kind = np.dtype(np.float32) if whole else dtype
    wide = np.dtype(np.float32) if dtype.itemsize == 2 else kind
    first, last = np.array(start).astype(kind), np.array(end).astype(kind)
    i = np.arange(count)
    step = ((last - first) / np.array(max(count - 1, 1)).astype(kind)).astype(wide)
    rising = first.astype(wide) + step * i.astype(wide)
    falling = last.astype(wide) - step * (count - 1 - i).astype(wide)
    exponents = np.where(i < count // 2, rising, falling)
    if whole:
        return np.power(float(base), exponents.astype(np.float64)).astype(np.int64).astype(dtype)
    return np.power(np.array(base).astype(wide), exponents).astype(dtype)
