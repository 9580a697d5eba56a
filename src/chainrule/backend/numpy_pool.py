"""Pooling over NumPy arrays, one vectorised step per window position instead of one per window.

The winner of a window is kept as a code: its position in the window, row-major.  Codes make the
gradient a sum over positions again, twice as fast as scattering to flat indices.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from chainrule.backend.numpy_elementwise import mask
from chainrule.backend.numpy_nn import widened
from chainrule.windows import axis_taps, pool_size, taps

Array = Any
Shape = tuple[int, ...]


def lowest(dtype: Any) -> Any:
    """What every element is at least."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


def placed(x_size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape,
           ceil: bool) -> tuple[Shape, Any]:  # fmt: skip
    out = pool_size(x_size, kernel, stride, padding, dilation, ceil)
    return out, taps(x_size, kernel, stride, padding, dilation, out)


def by_axis(
    x: Array, combine: Any, start: Any, out_size: Shape, kernel: Shape, stride: Shape,
    padding: Shape, dilation: Shape,
) -> Array:  # fmt: skip
    """Elements of windows combined along one axis after the other: 3 + 3 steps instead of 3 * 3."""
    rank = len(kernel)
    for i in reversed(range(rank)):
        axis, n = x.ndim - rank + i, x.shape[i - rank]
        rest = (slice(None),) * (rank - 1 - i)
        if (kernel[i], stride[i], padding[i]) == (1, 1, 0):
            continue
        shape = (*x.shape[:axis], out_size[i], *x.shape[axis + 1 :])
        out: Any = None
        how = (n, kernel[i], stride[i], padding[i], dilation[i], out_size[i])
        for _, where, elements in axis_taps(*how):
            part = x[(..., elements, *rest)]
            if out is None:
                if part.shape == shape:  # no padding before: the first position starts
                    out = np.array(part, order="C")
                    continue
                out = np.full(shape, start, x.dtype)
            region = out[(..., where, *rest)]
            combine(region, part, out=region)
        x = np.full(shape, start, x.dtype) if out is None else out
    return x


def max_pool(
    x: Array, *, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil: bool
) -> Array:
    out_size = pool_size(x.shape[-len(kernel) :], kernel, stride, padding, dilation, ceil)
    out = by_axis(x, np.maximum, lowest(x.dtype), out_size, kernel, stride, padding, dilation)
    return np.array(x, order="C") if out is x else out


def max_pool_codes(
    x: Array, *, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil: bool
) -> Array:
    """The position of each window's first largest element (the last NaN, if there is one).

    That is the least position whose element equals the maximum: bytes are compared and mixed,
    without a branch for each element, which takes an eighth of the time.
    """
    lead, size = x.shape[: -len(kernel)], x.shape[-len(kernel) :]
    out_size, steps = placed(size, kernel, stride, padding, dilation, ceil)
    unset = int(np.prod(kernel))
    kept, wide = (np.uint8, np.uint8) if unset < 255 else (np.int32, np.uint32)
    best = max_pool(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation, ceil=ceil)
    codes: Any = np.full((*lead, *out_size), unset, wide)
    undefined = x.dtype.kind in "fV" and bool((best != best).any())
    last: Any = np.zeros(codes.shape, wide) if undefined else None
    for code, where, elements in steps:
        part, region = x[(..., *elements)], (..., *where)
        differs = np.not_equal(part, best[region]).view(np.int8)
        candidate = np.negative(differs).astype(wide)  # all bits where it differs
        candidate |= wide(code)
        np.minimum(codes[region], candidate, out=codes[region])
        if undefined:
            np.maximum(last[region], (part != part) * wide(code), out=last[region])
    if undefined:
        codes = np.where(best != best, last, codes)
    return codes.view(kept)


def window_place(
    g: Array, codes: Array, *, size: Shape, kernel: Shape, stride: Shape, padding: Shape,
    dilation: Shape,
) -> Array:  # fmt: skip
    """Zeros of `size`, and each g added where its code says."""
    rank = len(kernel)
    out: Any = np.zeros((*g.shape[:-rank], *size), g.dtype)
    apart = all(s > d * (k - 1) for k, s, d in zip(kernel, stride, dilation, strict=True))
    for code, where, elements in taps(size, kernel, stride, padding, dilation, g.shape[-rank:]):
        region = (..., *where)
        part = mask(g[region], codes[region] == code)
        if apart:  # no element is in two windows
            out[(..., *elements)] = part
        else:
            out[(..., *elements)] += part
    return out


def window_select(
    x: Array, codes: Array, *, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape
) -> Array:
    """From each window the element that its code says."""
    rank = len(kernel)
    out: Any = np.zeros(codes.shape, x.dtype)
    steps = taps(x.shape[-rank:], kernel, stride, padding, dilation, codes.shape[-rank:])
    for code, where, elements in steps:
        region = (..., *where)
        np.copyto(out[region], x[(..., *elements)], where=codes[region] == code)
    return out


def flat_indices(
    codes: Array, size: Shape, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape
) -> Array:
    """Codes as torch's indices: the element's place in its image, row-major, int64."""
    rank = len(kernel)
    rest, places = codes.astype(np.int64), []
    for axis in reversed(range(rank)):
        rest, k = np.divmod(rest, kernel[axis])
        origin = np.arange(codes.shape[axis - rank]) * stride[axis] - padding[axis]
        shape = (-1,) + (1,) * (rank - 1 - axis)
        places.append(k * dilation[axis] + origin.reshape(shape))
    flat: Any = np.zeros(codes.shape, np.int64)
    for axis, place in enumerate(reversed(places)):
        flat = flat * size[axis] + place
    return flat


def divisors(
    size: Shape, out: Shape, kernel: Shape, stride: Shape, padding: Shape, include: bool,
    divisor: int | None, dtype: Any,
) -> Any:  # fmt: skip
    """By how much each window's sum is divided: a number, or an array that broadcasts."""
    if divisor is not None:
        return divisor
    whole = int(np.prod(kernel))
    sizes = []
    for n, o, k, s, p in zip(size, out, kernel, stride, padding, strict=True):
        start = np.arange(o) * s - p
        stop = np.minimum(start + k, n + p)
        if not include:
            start, stop = np.maximum(start, 0), np.minimum(stop, n)
        sizes.append(stop - start)
    if all((c == k).all() for c, k in zip(sizes, kernel, strict=True)):
        return whole
    total = sizes[0]
    for c in sizes[1:]:
        total = total[..., None] * c
    return total.astype(dtype)


@widened
def avg_pool(
    x: Array, *, kernel: Shape, stride: Shape, padding: Shape, ceil: bool, include: bool,
    divisor: int | None,
) -> Array:  # fmt: skip
    size, ones = x.shape[-len(kernel) :], (1,) * len(kernel)
    out_size = pool_size(size, kernel, stride, padding, ones, ceil)
    out = by_axis(x, np.add, 0, out_size, kernel, stride, padding, ones)
    if out is x:
        out = np.array(x, order="C")
    by = divisors(size, out_size, kernel, stride, padding, include, divisor, x.dtype)
    if x.dtype.kind in "iu":
        return np.sign(out) * np.sign(by) * (np.abs(out) // np.abs(by))  # towards zero, as in C
    out /= by
    return out


@widened
def avg_pool_grad(
    g: Array, *, size: Shape, kernel: Shape, stride: Shape, padding: Shape, ceil: bool,
    include: bool, divisor: int | None,
) -> Array:  # fmt: skip
    rank = len(kernel)
    lead, out_size = g.shape[:-rank], g.shape[-rank:]
    share = g / divisors(size, out_size, kernel, stride, padding, include, divisor, g.dtype)
    for i in range(rank):
        n, rest = size[i], (slice(None),) * (rank - 1 - i)
        out: Any = np.zeros((*lead, *size[: i + 1], *out_size[i + 1 :]), g.dtype)
        for _, where, elements in axis_taps(n, kernel[i], stride[i], padding[i], 1, out_size[i]):
            out[(..., elements, *rest)] += share[(..., where, *rest)]
        share = out
    return share


def adaptive_bounds(n: int, out: int) -> tuple[Shape, Shape]:
    """Where the windows of adaptive pooling start and stop."""
    starts = tuple(i * n // out for i in range(out))
    return starts, tuple(-((-(i + 1) * n) // out) for i in range(out))


def averaging(n: int, out: int, dtype: Any) -> Array:
    """The matrix (n, out) that averages over adaptive windows."""
    matrix = np.zeros((n, out), dtype)
    for i, (a, b) in enumerate(zip(*adaptive_bounds(n, out), strict=True)):
        matrix[a:b, i] = 1 / (b - a)
    return matrix


def along(x: Array, matrix: Array, axis: int) -> Array:
    return np.matmul(x.swapaxes(axis, -1), matrix).swapaxes(axis, -1)


@widened
def adaptive_avg_pool(x: Array, *, out: Shape) -> Array:
    """One matrix product an axis, as windows have unequal sizes."""
    for axis, o in enumerate(out, -len(out)):
        x = along(x, averaging(x.shape[axis], o, x.dtype), axis)
    return np.ascontiguousarray(x)


@widened
def adaptive_avg_pool_grad(x: Array, *, size: Shape) -> Array:
    for axis, n in enumerate(size, -len(size)):
        x = along(x, averaging(n, x.shape[axis], x.dtype).T, axis)
    return np.ascontiguousarray(x)


def best_in(x: Array, *, starts: tuple[Shape, ...], stops: tuple[Shape, ...]) -> Array:
    """For windows of unequal sizes, the flat place of each one's first largest element, int64."""
    rank = len(starts)
    lead, size = x.shape[:-rank], x.shape[-rank:]
    out: Any = np.zeros((*lead, *map(len, starts)), np.int64)
    for cell in product(*(range(len(s)) for s in starts)):
        low = [starts[a][i] for a, i in enumerate(cell)]
        window = tuple(
            slice(b, stops[a][i]) for a, (i, b) in enumerate(zip(cell, low, strict=True))
        )
        part = x[(..., *window)]
        shape = part.shape[len(lead) :]
        best = part.reshape(*lead, -1).argmax(-1)
        places = np.unravel_index(best, shape)
        flat = np.zeros(lead, np.int64)
        for a in range(rank):
            flat = flat * size[a] + (places[a] + low[a])
        out[(..., *cell)] = flat
    return out


def plane_gather(x: Array, index: Array, *, rank: int) -> Array:
    """From each image (the last `rank` axes) the elements at flat places."""
    lead = x.shape[:-rank]
    flat = np.take_along_axis(x.reshape(*lead, -1), index.reshape(*lead, -1), -1)
    return flat.reshape(index.shape)


def plane_scatter(g: Array, index: Array, *, size: Shape) -> Array:
    """Images of `size` with each g added at its flat place."""
    rank = len(size)
    lead, width = g.shape[:-rank], int(np.prod(size))
    images = int(np.prod(lead))
    places = index.reshape(images, -1) + np.arange(images)[:, None] * width
    out: Any = np.zeros(images * width, g.dtype)
    np.add.at(out, places.ravel(), g.ravel())
    return out.reshape(*lead, *size)


def plane_assign(g: Array, index: Array, *, size: Shape) -> Array:
    """Images of `size` with each g written at its flat place; the last of equal places stays."""
    lead, width = g.shape[: -len(size)], int(np.prod(size))
    out: Any = np.zeros((*lead, width), g.dtype)
    np.put_along_axis(out, index.reshape(*lead, -1), g.reshape(*lead, -1), -1)
    return out.reshape(*lead, *size)


def fractional_best(x: Array, samples: Array, *, kernel: Shape, out: Shape) -> Array:
    """The flat places of the maxima of windows that start at random, its own ones per image.

    Window i of n starts at int((i + u) a) - int(u a) with a = (size - kernel) / (n - 1), u the
    image's sample; the last one ends at the border (Graham 2014).
    """
    rank = len(kernel)
    lead, size = x.shape[:-rank], x.shape[-rank:]
    starts = []
    for axis in range(rank):
        n, k, o = size[axis], kernel[axis], out[axis]
        u = samples[..., rank - 1 - axis if rank == 2 else axis][..., None].astype(x.dtype)
        step = x.dtype.type((n - k) / (o - 1)) if o > 1 else x.dtype.type(0)
        start = ((np.arange(o) + u) * step).astype(np.int64) - (u * step).astype(np.int64)
        start[..., -1] = n - k
        starts.append(start.reshape(*lead, *(1,) * axis, o, *(1,) * (rank - 1 - axis)))
    flat = x.reshape(*lead, -1)
    best: Any = None
    where: Any = None
    for offset in product(*map(range, kernel)):
        place = np.zeros((*lead, *out), np.int64)
        for start, o, n in zip(starts, offset, size, strict=True):
            place = place * n + (start + o)
        value = np.take_along_axis(flat, place.reshape(*lead, -1), -1).reshape(place.shape)
        if best is None:
            best, where = value, place
            continue
        wins = (value > best) | (value != value)
        best, where = np.where(wins, value, best), np.where(wins, place, where)
    return where
