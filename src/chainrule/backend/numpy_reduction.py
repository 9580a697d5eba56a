"""Reductions and scans over NumPy arrays, arranged for few passes over memory."""

from __future__ import annotations

import builtins
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any
Axes = tuple[int, ...]
add: Any = np.add  # NumPy's stubs do not know `keepdims: bool`
multiply: Any = np.multiply
maximum: Any = np.maximum
minimum: Any = np.minimum
logical_or: Any = np.logical_or
logical_and: Any = np.logical_and
logaddexp: Any = np.logaddexp
LONG = 8192  # from here on a product with ones beats NumPy's reduction: 1000x100, 43 -> 14 us
INT64 = np.dtype(np.int64)


@lru_cache(maxsize=64)
def ones(n: int, dtype: Any) -> Array:
    array = np.ones(n, dtype)
    array.flags.writeable = False
    return array


def in_order(out: Array) -> Array:
    """Row by row, as torch stores what it reduced; NumPy follows the order of the operand."""
    return out if out.flags.c_contiguous else np.ascontiguousarray(out)


def sum(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    kind = x.dtype.kind
    if kind == "f" and x.size >= LONG and x.itemsize >= 4 and x.flags.c_contiguous:
        return long_sum(x, axis, keepdims)
    if kind in "fc" and x.itemsize >= 4:
        return in_order(add.reduce(x, axis=axis, keepdims=keepdims))
    if kind in "biu":
        return add.reduce(x, axis=axis, keepdims=keepdims, dtype=INT64)
    return add.reduce(x, axis=axis, keepdims=keepdims, dtype=np.float32).astype(x.dtype)


def long_sum(x: Array, axis: Axes, keepdims: bool) -> Array:
    """A sum whose inner or outer axes are summed by BLAS, in many accumulators at once."""
    ndim = x.ndim
    if len(axis) == ndim:
        block = 1024
        whole = x.size // block * block
        flat = x.reshape(-1)
        total = add.reduce(flat[:whole].reshape(-1, block).dot(ones(block, x.dtype)))
        if whole < x.size:
            total += add.reduce(flat[whole:])
        return np.asarray(total).reshape((1,) * ndim) if keepdims else total
    count = 1
    for a in axis:
        count *= x.shape[a]
    if 16 <= count <= 1 << 20:
        shape = x.shape
        if axis == tuple(range(ndim - len(axis), ndim)):
            out = x.reshape(-1, count).dot(ones(count, x.dtype))
        elif axis == tuple(range(len(axis))):
            out = ones(count, x.dtype).dot(x.reshape(count, -1))
        else:
            return add.reduce(x, axis=axis, keepdims=keepdims)
        if keepdims:
            return out.reshape([1 if i in axis else s for i, s in enumerate(shape)])
        return out.reshape([s for i, s in enumerate(shape) if i not in axis])
    return add.reduce(x, axis=axis, keepdims=keepdims)


def mean(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    count = 1
    for a in axis:
        count *= x.shape[a]
    if x.dtype.itemsize < 4:
        wide = sum(x.astype(np.float32), axis=axis, keepdims=keepdims)
        return np.asarray(divided(wide, count)).astype(x.dtype)
    return divided(sum(x, axis=axis, keepdims=keepdims), count)


def divided(total: Array, count: Any) -> Array:
    """total / count, in place if it is an array of its own; 0 / 0 is NaN."""
    return np.divide(total, count, out=total if isinstance(total, np.ndarray) else None,
                     dtype=total.dtype)  # fmt: skip


def prod(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    kind = x.dtype.kind
    if kind in "biu":
        return multiply.reduce(x, axis=axis, keepdims=keepdims, dtype=INT64)
    if x.itemsize < 4:
        wide = x.astype(np.float32)
        return multiply.reduce(wide, axis=axis, keepdims=keepdims).astype(x.dtype)
    return multiply.reduce(x, axis=axis, keepdims=keepdims)


def amax(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    return in_order(maximum.reduce(x, axis=axis, keepdims=keepdims))


def amin(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    return in_order(minimum.reduce(x, axis=axis, keepdims=keepdims))


def max_all(x: Array) -> Array:
    return maximum.reduce(x, axis=None)


def min_all(x: Array) -> Array:
    return minimum.reduce(x, axis=None)


def median_all(x: Array) -> Array:
    flat = x.reshape(-1)
    if flat.dtype.kind in "fV" and np.isnan(flat).any():
        return np.asarray(np.nan, x.dtype)
    return np.asarray(np.partition(flat, (flat.size - 1) // 2)[(flat.size - 1) // 2])


def nanmedian_all(x: Array) -> Array:
    flat = x.reshape(-1)
    if flat.dtype.kind in "fV":
        known = flat[~np.isnan(flat)]
        flat = known if known.size else flat
    return np.asarray(np.partition(flat, (flat.size - 1) // 2)[(flat.size - 1) // 2])


def var(x: Array, *, axis: Axes, keepdims: bool, correction: float) -> Array:
    dtype = x.dtype
    wide = x.astype(np.float32) if dtype.itemsize < 4 else x
    if axis:
        off = np.subtract(wide, mean(wide, axis=axis, keepdims=True))
    else:
        off = np.zeros(x.shape, wide.dtype)
    square = off * off.conj() if dtype.kind == "c" else np.multiply(off, off, out=off)
    count = 1
    for a in axis:
        count *= x.shape[a]
    total = sum(square.real, axis=axis, keepdims=keepdims)
    return np.asarray(divided(total, builtins.max(count - correction, 0))).astype(
        dtype if dtype.kind != "c" else total.dtype, copy=False
    )


def std(x: Array, *, axis: Axes, keepdims: bool, correction: float) -> Array:
    return np.sqrt(var(x, axis=axis, keepdims=keepdims, correction=correction))


def p_norm(x: Array, *, axis: Axes, keepdims: bool, p: float) -> Array:
    if x.dtype.kind in "fV" and x.itemsize < 4:
        wide = p_norm(x.astype(np.float32), axis=axis, keepdims=keepdims, p=p)
        return np.asarray(wide).astype(x.dtype)
    if p == 0:
        count = add.reduce(x != 0, axis=axis, keepdims=keepdims, dtype=x.real.dtype)
        return np.asarray(count)
    if p == 2 and x.dtype.kind == "f" and len(axis) == x.ndim and x.flags.c_contiguous:
        size = whole_norm(x)
        return size.reshape((1,) * x.ndim) if keepdims else size
    if p == 2:
        square = (x * x.conj()).real if x.dtype.kind == "c" else x * x
        return np.sqrt(sum(square, axis=axis, keepdims=keepdims))
    size = np.absolute(x)
    if p == float("inf"):
        return maximum.reduce(size, axis=axis, keepdims=keepdims)
    if p == float("-inf"):
        return minimum.reduce(size, axis=axis, keepdims=keepdims)
    if p == 1:
        return sum(size, axis=axis, keepdims=keepdims)
    total = sum(np.power(size, p, dtype=size.dtype), axis=axis, keepdims=keepdims)
    return np.power(total, 1 / p, dtype=size.dtype)


def whole_norm(x: Array) -> Array:
    """The 2-norm of all elements.

    In float32 torch keeps eight running sums, whose rounding adds up: 1e-5 of the norm of a million
    numbers, which a program that clips its gradients carries on.  So the order here is the same.
    In float64 blocks of dot products do.
    """
    flat = x.reshape(-1)
    if flat.dtype == np.float32:
        head = flat.size // 8 * 8
        rows, total = flat[:head].reshape(-1, 8), np.float32(0)
        for lane in np.einsum("ij,ij->j", rows, rows):
            total += lane
        for last in flat[head:].astype(np.float64):
            total = np.float32(total + last * last)
        return np.asarray(np.sqrt(total))
    head = flat.size // 1024 * 1024
    blocks, tail = flat[:head].reshape(-1, 1024), flat[head:]
    return np.asarray(
        np.sqrt(add.reduce(np.vecdot(blocks, blocks)) + tail.dot(tail), dtype=flat.dtype)
    ).astype(x.dtype)


def logsumexp(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    if x.size == 0 and 0 in [x.shape[a] for a in axis]:
        shape = add.reduce(x, axis=axis, keepdims=keepdims)
        return np.full_like(shape, -np.inf)
    top = maximum.reduce(x.real, axis=axis, keepdims=True)
    top = np.where(np.isinf(top), np.zeros((), top.dtype), top)  # else inf - inf
    scaled = np.subtract(x, top)
    total = in_order(np.log(sum(np.exp(scaled), axis=axis, keepdims=True)) + top)
    if keepdims:
        return total
    return total.reshape([s for i, s in enumerate(x.shape) if i not in axis])


def any(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    return in_order(logical_or.reduce(x, axis=axis, keepdims=keepdims))


def all(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    return in_order(logical_and.reduce(x, axis=axis, keepdims=keepdims))


def count_nonzero(x: Array, *, axis: Axes, keepdims: bool) -> Array:
    return add.reduce(x != 0, axis=axis, keepdims=keepdims, dtype=INT64)


def is_narrow(x: Array, axis: int) -> bool:
    """Whether the lines are so short that NumPy's inner loops over them cost more than copies.

    (1000, 10) float32: softmax 98 us along the lines, 37 us across them on a transposed copy.
    """
    return x.ndim > 1 and axis == x.ndim - 1 and x.shape[-1] <= 32 and x.size >= 1024


def across(x: Array) -> Array:
    """The lines as columns, in memory of their own."""
    return x.reshape(-1, x.shape[-1]).T.copy()


def softmax(x: Array, *, axis: int) -> Array:
    if x.size == 0:
        return x.copy()
    if is_narrow(x, axis):
        return softmax(across(x), axis=0).T.copy().reshape(x.shape)
    out = np.subtract(x, maximum.reduce(x, axis=axis, keepdims=True), order="C")
    np.exp(out, out=out)
    out /= sum(out, axis=(axis,), keepdims=True)
    return out


def log_softmax(x: Array, *, axis: int) -> Array:
    if x.size == 0:
        return x.copy()
    if is_narrow(x, axis):
        return log_softmax(across(x), axis=0).T.copy().reshape(x.shape)
    out = np.subtract(x, maximum.reduce(x, axis=axis, keepdims=True), order="C")
    out -= np.log(sum(np.exp(out), axis=(axis,), keepdims=True))
    return out


def cumsum(x: Array, *, axis: int) -> Array:
    return running(add, x, axis)


def cumprod(x: Array, *, axis: int) -> Array:
    return running(multiply, x, axis)


WIDER = {np.dtype("f2"): np.dtype("f4"), np.dtype("f4"): np.dtype("f8"),
         np.dtype("c8"): np.dtype("c16")}  # fmt: skip


def running(ufunc: Any, x: Array, axis: int) -> Array:
    """`accumulate` one precision up, as torch does: noise schedules are long products.

    Plane by plane where planes are large: 64x1000, axis 0, 625 -> 68 us.
    """
    if x.dtype.kind in "biu":
        return ufunc.accumulate(x, axis=axis, dtype=INT64)
    wide = WIDER.get(x.dtype) or (np.dtype("f4") if x.itemsize < 4 else x.dtype)
    n = x.shape[axis]
    if n < 2 or axis == x.ndim - 1 or x.size // n < 256:
        if wide is x.dtype:
            return ufunc.accumulate(np.ascontiguousarray(x), axis=axis)
        lines = x.astype(wide, order="C")  # in place: a third of the time that `dtype=wide` takes
        return ufunc.accumulate(lines, axis=axis, out=lines).astype(x.dtype)
    out = np.empty(x.shape, x.dtype)
    source, planes = np.moveaxis(x, axis, 0), np.moveaxis(out, axis, 0)
    total = source[0].astype(wide)
    planes[0] = source[0]
    for k in range(1, n):
        ufunc(total, source[k], out=total)
        planes[k] = total
    return out


def logcumsumexp(x: Array, *, axis: int) -> Array:
    return logaddexp.accumulate(x, axis=axis)


def cummax_index(x: Array, *, axis: int) -> Array:
    return last_hit(x, maximum.accumulate(x, axis=axis), axis)


def cummin_index(x: Array, *, axis: int) -> Array:
    return last_hit(x, minimum.accumulate(x, axis=axis), axis)


def last_hit(x: Array, best: Array, axis: int) -> Array:
    """Where x last equalled the running `best`; NaN equals NaN."""
    places = np.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - 1 - axis))
    hit = (x == best) | (x != x)
    return maximum.accumulate(np.where(hit, places, 0), axis=axis)


def linear_recurrence(a: Array, b: Array, *, axis: int) -> Array:
    """out_k = a_k out_{k-1} + b_k: step by step, or by doubling where one line is long."""
    n = b.shape[axis]
    if n > 256 and b.size // n < n:
        out = by_doubling(np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0))
        if np.isfinite(out).all():  # an overflowing product of a's may meet a zero
            return np.moveaxis(out, 0, axis)
    out = np.array(b)
    ahead, line = np.moveaxis(a, axis, 0), np.moveaxis(out, axis, 0)
    for k in range(1, n):
        line[k] += ahead[k] * line[k - 1]
    return out


def by_doubling(a: Array, b: Array) -> Array:
    """The recurrence in log2(n) passes: each doubles the stretch that is already joined."""
    a, b = a.copy(), b.copy()
    step = 1
    while step < len(b):
        b[step:] += a[step:] * b[:-step]
        a[step:] = a[step:] * a[:-step]
        step *= 2
    return b


def euclidean(x: Array, y: Array, *, product: bool) -> Array:
    """Distances of rows; by a matrix product, or row after row, which rounds less."""
    if product:
        inner = np.matmul(x, np.swapaxes(y, -1, -2))
        inner *= -2
        inner += np.einsum("...ij,...ij->...i", x, x)[..., None]
        inner += np.einsum("...ij,...ij->...i", y, y)[..., None, :]
        return np.sqrt(np.maximum(inner, 0, out=inner), out=inner)
    off = x[..., :, None, :] - y[..., None, :, :]
    return np.sqrt(np.einsum("...k,...k->...", off, off))
