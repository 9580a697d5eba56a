"""Reading and writing at integer indices, over NumPy arrays.

Sums over repeated indices go through `np.add.at` on flat memory with flat positions: NumPy has a
fast loop for just that case.  16384 rows of 384 floats into 65: 28 ms, 125 by rows; 2048 rows of 64
into 1000: 0.44 against 2.4.  It adds in the order of the rows, as torch does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.spec import size_of

Array = Any
Axes = tuple[int, ...]
Shape = tuple[int, ...]


def steps_of(shape: Shape) -> list[int]:
    """Row-major strides in elements."""
    steps = [1] * len(shape)
    for a in range(len(shape) - 2, -1, -1):
        steps[a] = steps[a + 1] * shape[a + 1]
    return steps


def key(ndim: int, indices: Any, axes: Axes) -> tuple[Any, ...]:
    """NumPy's subscript with index arrays on `axes`."""
    at = dict(zip(axes, indices, strict=True))
    return tuple(at.get(a, slice(None)) for a in range(axes[-1] + 1))


def places(shape: Shape, indices: Any, axes: Axes) -> Array:
    """The flat position of every element of x[key], for x of `shape`."""
    steps = steps_of(shape)
    joint: Any = 0
    for i, a in zip(indices, axes, strict=True):
        n = shape[a]
        i = i.astype(np.int64, copy=False)
        if i.size and i.min() < 0:
            i = np.where(i < 0, i + n, i)
        joint = joint + i * steps[a]
    rest = [a for a in range(len(shape)) if a not in axes]
    side_by_side = axes[-1] - axes[0] == len(axes) - 1
    lead = axes[0] if side_by_side else 0  # axes of x that stand before those of the index
    out = joint.reshape((1,) * lead + joint.shape + (1,) * (len(rest) - lead))
    for k, a in enumerate(rest):
        if shape[a] == 1:
            continue
        after = len(rest) - 1 - k if k >= lead else len(rest) - 1 - k + joint.ndim
        out = out + (np.arange(shape[a]) * steps[a]).reshape((-1,) + (1,) * after)
    return out


def index(x: Array, *indices: Array, axes: Axes) -> Array:
    if len(axes) == 1:
        return x.take(indices[0], axes[0])
    out = x[key(x.ndim, indices, axes)]
    # NumPy may put the axes of the indices first in memory; torch's results are row-major.
    return out if axes[0] == 0 else np.ascontiguousarray(out)


def index_scatter(g: Array, *indices: Array, shape: Shape, axes: Axes) -> Array:
    out = np.zeros(size_of(shape), g.dtype)
    at = places(shape, indices, axes)
    np.add.at(out, at.ravel(), g.ravel() if g.shape == at.shape else spread(g, at.shape))
    return out.reshape(shape)


def spread(y: Array, shape: Shape) -> Array:
    return np.broadcast_to(y, shape).ravel()


def put_into(x: Array, y: Array, indices: Any, axes: Axes, accumulate: bool) -> None:
    """Write, or add, y into the memory of x."""
    if not accumulate:
        x[key(x.ndim, indices, axes)] = y
        return
    where = key(x.ndim, indices, axes)
    if x.flags.c_contiguous:
        x[where].shape  # raises for an index out of range  # noqa: B018
        at = places(x.shape, indices, axes)
        np.add.at(x.reshape(-1), at.ravel(), spread(y, at.shape))
    else:
        np.add.at(x, where, y)


def index_put(x: Array, y: Array, *indices: Array, axes: Axes, accumulate: bool) -> Array:
    out = np.array(x, order="C")
    put_into(out, y, indices, axes, accumulate)
    return out


def grid(index: Array, axis: int) -> tuple[Array, ...]:
    """The subscript that reads index[i, j] along `axis` and i, j along the others."""
    n = index.ndim
    return tuple(
        index if a == axis else np.arange(size).reshape((-1,) + (1,) * (n - 1 - a))
        for a, size in enumerate(index.shape)
    )


def flat_places(shape: Shape, index: Array, axis: int) -> Array:
    """The flat position in an array of `shape` of each place that `index` points at."""
    steps = steps_of(shape)
    out = index.astype(np.int64, copy=False) * steps[axis]
    for a, size in enumerate(index.shape):
        if a != axis and size > 1:
            out = out + (np.arange(size) * steps[a]).reshape((-1,) + (1,) * (index.ndim - 1 - a))
    return out.ravel()


def gather(x: Array, index: Array, *, axis: int) -> Array:
    if x.ndim == 0:
        return np.broadcast_to(x, index.shape).copy()
    return x[grid(index, axis)]


def flat_copy(x: Array) -> Array:
    return np.array(x, order="C").reshape(-1)


def scatter(x: Array, index: Array, src: Array, *, axis: int) -> Array:
    out = flat_copy(x)
    if x.ndim:
        out[flat_places(x.shape, index, axis)] = src.ravel()
    elif index.size:
        out[0] = src.ravel()[-1]
    return out.reshape(x.shape)


def at_places(
    ufunc: Any, x: Array, index: Array, src: Array, axis: int, start: Any = None
) -> Array:
    """x with `ufunc` applied at the index; x counts as `start` there, if that is given."""
    out = flat_copy(x)
    at = flat_places(x.shape, index, axis) if x.ndim else np.zeros(index.size, np.int64)
    if start is not None:
        out[at] = start
    ufunc.at(out, at, src.ravel())
    return out.reshape(x.shape)


def scatter_add(x: Array, index: Array, src: Array, *, axis: int) -> Array:
    return at_places(np.add, x, index, src, axis)


def scatter_prod(x: Array, index: Array, src: Array, *, axis: int, include_self: bool) -> Array:
    return at_places(np.multiply, x, index, src, axis, None if include_self else 1)


def scatter_extreme(
    x: Array, index: Array, src: Array, *, axis: int, largest: bool, include_self: bool
) -> Array:
    start = None if include_self else lowest(x.dtype, largest)
    return at_places(np.maximum if largest else np.minimum, x, index, src, axis, start)


def lowest(dtype: Any, largest: bool) -> Any:
    """What every element replaces: the least value for a maximum, the greatest for a minimum."""
    if dtype.kind == "b":
        return not largest
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return info.min if largest else info.max
    return -np.inf if largest else np.inf


def nonzero(x: Array) -> Array:
    if x.ndim == 0:
        return np.zeros((int(bool(x)), 0), np.int64)
    return np.stack(x.nonzero(), 1).astype(np.int64, copy=False)


def continue_edges(x: Array, places: Array, *, axis: int) -> Array:
    """x at `places` along one axis."""
    return np.take(x, places, axis)
