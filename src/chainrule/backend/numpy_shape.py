"""Views, and their transposes, over NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
Axes = tuple[int, ...]
Shape = tuple[int, ...]


def broadcast_to(x: Array, *, shape: Shape) -> Array:
    """A writeable view; who writes is told of shared elements by check_memory.

    `np.ndarray` over the buffer of contiguous memory takes 2.2 us, `np.broadcast_to` 3.5.
    """
    own = x.shape
    lead = len(shape) - len(own)
    if lead >= 0 and x.size and x.flags.c_contiguous and x.dtype.kind in "fiub":
        strides = [0] * lead
        for n, m, s in zip(own, shape[lead:], x.strides, strict=True):
            if n == m:
                strides.append(s)
            elif n == 1:
                strides.append(0)
            else:
                break
        else:
            return np.ndarray(shape, x.dtype, x, 0, strides)
    out = np.broadcast_to(x, shape)
    if x.flags.writeable:
        out.flags.writeable = True
    return out


def expand_dims(x: Array, *, axis: int) -> Array:
    return x[(slice(None),) * axis + (None, ...)]


def squeeze(x: Array, *, axis: Axes) -> Array:
    return x.squeeze(axis)


def stack(*xs: Array, axis: int) -> Array:
    return np.ascontiguousarray(np.stack(xs, axis))


def flip(x: Array, *, axis: Axes) -> Array:
    index = tuple(slice(None, None, -1 if a in axis else 1) for a in range(x.ndim))
    return np.array(x[index], order="C")


def roll(x: Array, *, shift: Axes, axis: Axes) -> Array:
    return np.roll(np.ascontiguousarray(x), shift, axis) if axis else np.array(x, order="C")


def triangle(shape: Shape, k: int) -> Array:
    return np.tri(shape[-2], shape[-1], k, np.bool_)


def tril(x: Array, *, k: int) -> Array:
    return np.where(triangle(x.shape, k), x, np.zeros((), x.dtype))


def triu(x: Array, *, k: int) -> Array:
    return np.where(triangle(x.shape, k - 1), np.zeros((), x.dtype), x)


def split(x: Array, *, axis: int, sizes: Axes) -> tuple[Array, ...]:
    parts, start = [], 0
    lead = (slice(None),) * axis
    for n in sizes:
        parts.append(x[(*lead, slice(start, start + n))])
        start += n
    return tuple(parts)


def unbind(x: Array, *, axis: int, count: int) -> tuple[Array, ...]:
    lead = (slice(None),) * axis
    return tuple(x[(*lead, i, ...)] for i in range(count))


def diagonal(x: Array, *, offset: int, axis1: int, axis2: int) -> Array:
    out = x.diagonal(offset, axis1, axis2)
    if x.flags.writeable:
        out.flags.writeable = True
    return out


def diagonal_scatter(g: Array, *, shape: Shape, offset: int, axis1: int, axis2: int) -> Array:
    out = np.zeros(shape, g.dtype)
    diagonal(out, offset=offset, axis1=axis1, axis2=axis2)[...] = g
    return out


def unfold(x: Array, *, axis: int, size: int, step: int) -> Array:
    if x.ndim == 0:
        return x.reshape(1)[:size]
    shape, strides = list(x.shape), list(x.strides)
    shape[axis] = (shape[axis] - size) // step + 1
    shape.append(size)
    strides.append(strides[axis])
    strides[axis] *= step
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def unfold_scatter(g: Array, *, shape: Shape, axis: int, size: int, step: int) -> Array:
    out = np.zeros(shape, g.dtype)
    if not shape:
        return g.sum().astype(g.dtype).reshape(())
    windows = g.shape[axis]
    lead = (slice(None),) * axis
    for k in range(size if windows else 0):
        out[(*lead, slice(k, k + (windows - 1) * step + 1, step))] += g[..., k]
    return out


def memory_of(x: Array) -> Array:
    """The array that owns the memory of `x`."""
    base = x.base
    while base is not None:
        if isinstance(base, np.ndarray):
            x = base
        base = getattr(base, "base", None)
    return x


def strided(memory: Array, shape: Shape, strides: Shape, start: int, dtype: Any) -> Array:
    """An array over the memory of an owner: strides in elements, start in bytes from its own.

    NumPy checks the bounds, and raises ValueError or TypeError.
    """
    size = np.dtype(dtype).itemsize
    if not memory.flags.c_contiguous:
        memory = memory.transpose(np.argsort([-s for s in memory.strides], kind="stable"))
    return np.ndarray(shape, dtype, memory, start, tuple(s * size for s in strides))


def address(x: Array) -> int:
    return x.__array_interface__["data"][0]


def lies_as(x: Array, strides: Shape) -> bool:
    """Whether x has these strides, in elements, on all axes where strides matter."""
    size = x.itemsize
    return all(
        n < 2 or have == want * size
        for n, have, want in zip(x.shape, x.strides, strides, strict=True)
    )


def as_strided(
    x: Array, *, shape: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
) -> Array:
    """A view if x lies in memory as `source` says, else the same elements in a copy."""
    memory = memory_of(x)
    if lies_as(x, source[0]) and address(x) - address(memory) == source[1] * x.itemsize:
        try:
            return strided(memory, shape, strides, offset * x.itemsize, x.dtype)
        except (ValueError, TypeError):
            pass
    return strided_gather(x, shape=shape, strides=strides, offset=offset, source=source)


def offsets(shape: Shape, strides: Shape, offset: int) -> Array:
    """The place in memory, counted in elements, of each element."""
    places = np.full((), offset, np.int64)
    for n, s in zip(shape, strides, strict=True):
        places = places[..., None] + np.arange(n) * s
    return places


def strided_places(
    shape: Shape, view: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
) -> Array:
    """For each element of the view, its flat position in an array of `shape`; its size if none."""
    own = offsets(shape, *source).ravel()
    read = offsets(view, strides, offset)
    size = max(int(own.max(initial=0)), int(read.max(initial=0))) + 1
    position = np.full(size, own.size, np.int64)
    position[own] = np.arange(own.size)
    return position[read]


def strided_gather(
    x: Array, *, shape: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
) -> Array:
    places = strided_places(x.shape, shape, strides, offset, source)
    return np.append(x.ravel(), np.zeros(1, x.dtype))[places]


def strided_scatter(
    g: Array, *, shape: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
) -> Array:
    places = strided_places(shape, g.shape, strides, offset, source)
    n = int(np.prod(shape, dtype=np.int64))
    out = np.zeros(n + 1, g.dtype)
    np.add.at(out, places.ravel(), g.ravel())
    return out[:n].reshape(shape)


def view_dtype(x: Array, *, dtype: Any) -> Array:
    return x.view(dtype)


def write_view(x: Array, y: Array, *, steps: tuple[Any, ...]) -> Array:
    """A copy of `x` with `y` in the view of it that `steps` lead to."""
    out = np.array(x, order="C")
    region = out
    for op, static in steps:
        region = op.raw(region, **static)
    if memory_of(region) is out:
        region[...] = y
        return out
    places = np.arange(out.size).reshape(out.shape)  # x's own layout allowed a view, C order not
    for op, static in steps:
        places = op.raw(places, **static)
    out.reshape(-1)[places.ravel()] = np.broadcast_to(y, places.shape).ravel()
    return out
