"""Batch norm over images (N, C, ...) in few passes, a part of the batch per core.

Sums are dot products, which BLAS takes at full speed; the map out = x * scale + shift runs over
rows of a whole image with scale and shift spread out to that size, as NumPy multiplies two rows
three times as fast as many short pieces by a number each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.backend.threads import each_part

Array = Any

PIECE = 1024  # elements a partial sum takes: rounding stays at 1e-7
SPREAD_BYTES = 1 << 17  # the largest image whose scale and shift are spread out; see PerChannel
AFAR = 16  # from here on, mean**2 / variance, the mean is subtracted before squaring


def suits(x: Array, axis: tuple[int, ...]) -> bool:
    """Whether these functions take over: images in memory order, normalised per channel."""
    return (
        x.ndim > 2
        and axis == (0, *range(2, x.ndim))
        and x.size >= 1 << 12
        and x.itemsize in (4, 8)
        and x.dtype.kind == "f"
        and x.flags.c_contiguous
    )


def dots(x: Array, y: Array) -> Array:
    """The sums of x * y over images and places, a number a channel, in float64."""
    n, channels, places = x.shape
    whole = places - places % PIECE if places > PIECE else 0
    total: Any = np.zeros(channels)
    for cut, width in ((slice(0, whole), PIECE), (slice(whole, places), places - whole)):
        if cut.stop > cut.start:
            a = x[..., cut].reshape(n, channels, -1, width)
            b = y[..., cut].reshape(n, channels, -1, width) if y.ndim == 3 else y[:width]
            total += np.vecdot(a, b).sum((0, 2), dtype=np.float64)
    return total


class PerChannel:
    """Numbers a channel, shaped to meet images: spread out to the size of one if that is small."""

    def __init__(self, shape: tuple[int, ...], itemsize: int) -> None:
        _, channels, places = shape
        row = channels * places * itemsize
        self.places, self.spread = places, row <= SPREAD_BYTES
        self.shape = (-1, channels * places) if self.spread else (-1, channels, places)
        self.step = max(1, SPREAD_BYTES // row)

    def __call__(self, values: Array) -> Array:
        return np.repeat(values, self.places) if self.spread else values[:, None]

    def images(self, x: Array) -> Array:
        return x.reshape(self.shape)

    def pieces(self, part: slice) -> Iterator[slice]:
        """Slices of a few images, which stay in the cache while they are worked on."""
        for i in range(part.start, part.stop, self.step):
            yield slice(i, min(i + self.step, part.stop))


def moments(x: Array, number: int) -> tuple[Array, Array]:
    """Mean and variance of each channel, in float64."""
    n = len(x)
    ones = np.ones(min(PIECE, x.shape[2]), x.dtype)
    parts = each_part(n, x.size, lambda p: (dots(x[p], ones), dots(x[p], x[p])))
    mean = np.add.reduce([a for a, _ in parts]) / number
    variance = np.add.reduce([b for _, b in parts]) / number - mean * mean
    if not (mean * mean <= AFAR * variance).all():  # also where there are NaN and infinity
        middle = mean.astype(x.dtype)[:, None]

        def squares(part: slice) -> Array:
            d = x[part] - middle
            return dots(d, d)

        variance = np.add.reduce(each_part(n, x.size, squares)) / number
    return mean, variance


def affine(x: Array, scale: Array, shift: Array) -> Array:
    """x * scale + shift with a number a channel."""
    n, channels = x.shape[:2]
    per = PerChannel((n, channels, x.size // (n * channels)), x.itemsize)
    by, plus = per(scale.astype(x.dtype)), per(shift.astype(x.dtype))
    out = np.empty_like(x)
    values, results = per.images(x), per.images(out)

    def fill(part: slice) -> None:
        for piece in per.pieces(part):
            made = results[piece]
            np.multiply(values[piece], by, out=made)
            made += plus

    each_part(n, x.size, fill)
    return out


def standardize_channels(
    x: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    """The normalised array, and each channel's mean and reciprocal standard deviation."""
    n, channels = x.shape[:2]
    rows = x.reshape(n, channels, -1)
    mean, variance = moments(rows, x.size // channels)
    rstd = 1 / np.sqrt(variance + eps)
    scale = rstd if weight is None else rstd * weight.reshape(-1)
    shift = -mean * scale if bias is None else bias.reshape(-1) - mean * scale
    out = affine(x, scale, shift)
    kept = (1, channels, *(1,) * (x.ndim - 2))
    mean, rstd = (a.astype(x.dtype).reshape(kept) for a in (mean, rstd))
    return out, mean, rstd


def standardize_channels_grad(
    g: Array, x: Array, weight: Array | None, mean: Array, rstd: Array, needs_x: bool
) -> tuple[Array | None, Array, Array]:
    """The gradients for x (if needed), weight and bias, the latter as a number a channel.

    With a = rstd * weight, k = avg(g * n) and n = (x - mean) * rstd, the first is
    a * (g - avg g - n * k): a sum of g and x with a factor each, and a constant, per channel.
    """
    n, channels = x.shape[:2]
    number, dtype = x.size // channels, x.dtype
    rows, up = x.reshape(n, channels, -1), g.reshape(n, channels, -1)
    ones = np.ones(min(PIECE, rows.shape[2]), dtype)
    mean, rstd = (a.reshape(-1).astype(np.float64) for a in (mean, rstd))
    near = bool((mean * mean * rstd * rstd <= AFAR).all())
    middle = mean.astype(dtype)[:, None]

    def sums(part: slice) -> tuple[Array, Array]:
        values = rows[part] if near else rows[part] - middle
        return dots(up[part], ones), dots(up[part], values)

    parts = each_part(n, x.size, sums)
    total = np.add.reduce([a for a, _ in parts])
    along = np.add.reduce([b for _, b in parts])
    if near:
        along -= mean * total
    along *= rstd  # the sum of g * n
    if not needs_x:
        return None, along.astype(dtype), total.astype(dtype)
    a = rstd if weight is None else rstd * weight.reshape(-1)
    b = -a * rstd * along / number
    # Far from zero, x * b and its constant would cancel: x - mean is formed first.
    c = -a * total / number - (mean * b if near else 0)
    per = PerChannel(rows.shape, x.itemsize)
    a, b, c = (per(v.astype(dtype)) for v in (a, b, c))
    away = per(mean.astype(dtype))
    out = np.empty_like(x)
    values, upstream, results = per.images(x), per.images(g), per.images(out)

    def fill(part: slice) -> None:
        scratch = np.empty_like(results[: per.step])
        for piece in per.pieces(part):
            made = results[piece]
            extra = scratch[: len(made)]
            if near:
                np.multiply(values[piece], b, out=extra)
            else:
                np.subtract(values[piece], away, out=extra)
                extra *= b
            np.multiply(upstream[piece], a, out=made)
            made += extra
            made += c

    each_part(n, x.size, fill)
    return out, along.astype(dtype), total.astype(dtype)
