"""Neural-network primitives over NumPy arrays: activations, normalisation, losses, embedding."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.backend import numpy_batchnorm
from chainrule.backend.blas import product

Array = Any
WIDE = np.dtype(np.float32)


def widened(function: Any) -> Any:
    """Half floats are computed in float32 and rounded once, as torch does it."""

    @functools.wraps(function)
    def call(x: Array, *others: Any, **static: Any) -> Any:
        dtype = x.dtype
        if dtype.itemsize != 2 or dtype.kind not in "fV":
            return function(x, *others, **static)
        wide = (o.astype(WIDE) if getattr(o, "dtype", None) == dtype else o for o in others)
        out = function(x.astype(WIDE), *wide, **static)
        return np.asarray(out).astype(dtype)

    return call


@widened
def leaky_relu(x: Array, *, slope: float) -> Array:
    if 0 < slope <= 1:
        return np.maximum(x, x * slope)
    return np.where(x > 0, x, x * slope)


@widened
def prelu(x: Array, weight: Array) -> Array:
    return np.where(x > 0, x, x * weight)


@widened
def elu(x: Array, *, alpha: float, scale: float, inner: float) -> Array:
    low = np.asarray(np.minimum(x, 0))
    if inner != 1:
        low *= inner
    np.expm1(low, out=low)
    low *= scale * alpha
    return np.where(x > 0, x * scale if scale != 1 else x, low)


@widened
def silu(x: Array) -> Array:
    out = np.asarray(np.exp(-x))
    out += 1
    return np.divide(x, out)


@widened
def softplus(x: Array, *, beta: float, threshold: float) -> Array:
    scaled = x * beta if beta != 1 else x
    soft = np.asarray(np.log1p(np.exp(np.minimum(scaled, threshold))))
    if beta != 1:
        soft /= beta
    return np.where(scaled > threshold, x, soft)


@widened
def mish(x: Array) -> Array:
    out = np.asarray(np.tanh(softplus(x, beta=1.0, threshold=20.0)))
    out *= x
    return out


@widened
def logsigmoid(x: Array) -> Array:
    """min(x, 0) - ln(1 + e**-|x|), which never overflows."""
    out = np.asarray(np.log1p(np.exp(-np.abs(x))))
    return np.subtract(np.minimum(x, 0), out)


@widened
def hardtanh(x: Array, *, low: float, high: float) -> Array:
    return np.minimum(np.maximum(x, low), high)


@widened
def hardsigmoid(x: Array) -> Array:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


@widened
def hardswish(x: Array) -> Array:
    return np.minimum(np.maximum(x + 3, 0), 6) * x / 6


@widened
def hardshrink(x: Array, *, bound: float) -> Array:
    return np.where((x >= -bound) & (x <= bound), np.zeros_like(x), x)


@widened
def softshrink(x: Array, *, bound: float) -> Array:
    shrunk = np.where(x > bound, x - bound, np.where(x < -bound, x + bound, x * 0))
    return shrunk


@widened
def threshold(x: Array, *, bound: float, value: float) -> Array:
    return np.where(x <= bound, np.asarray(value).astype(x.dtype), x)


@widened
def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """One matrix product over all rows, then the bias added in place."""
    if x.dtype != weight.dtype:
        raise TypeError("dtypes differ")
    if x.ndim == 2:
        out = product(x, weight.T)
    else:
        rows = x.reshape(-1, x.shape[-1]) if x.size else x.reshape(x[..., 0].size, x.shape[-1])
        out = product(rows, weight.T).reshape(*x.shape[:-1], weight.shape[0])
    if bias is not None:
        if out.dtype != bias.dtype:
            raise TypeError("dtypes differ")
        out += bias
    return out


def standardize(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    axis: tuple[int, ...],
    eps: float,
) -> tuple[Array, Array, Array]:
    if numpy_batchnorm.suits(x, axis):
        return numpy_batchnorm.standardize_channels(x, weight, bias, eps)
    number = 1
    for a in axis:
        number *= x.shape[a]
    mean = np.add.reduce(x, axis=axis, keepdims=True) / x.dtype.type(number)
    out = np.subtract(x, mean, order="C")
    variance = np.add.reduce(out * out, axis=axis, keepdims=True)
    variance /= number
    variance += eps
    rstd = 1 / np.sqrt(variance)
    out *= rstd
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias
    return out, mean, rstd


@widened
def standardize_by(
    x: Array, mean: Array, rstd: Array, weight: Array | None = None, bias: Array | None = None
) -> Array:
    scale = rstd if weight is None else rstd * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    channels = (0, *range(2, x.ndim))
    if numpy_batchnorm.suits(x, channels) and scale.size == shift.size == x.shape[1]:
        return numpy_batchnorm.affine(x, scale.reshape(-1), shift.reshape(-1))
    out = np.multiply(x, scale, order="C")
    out += shift
    return out


def standardize_grad(
    g: Array, x: Array, weight: Array | None, mean: Array, rstd: Array, *, axis: tuple[int, ...],
    needs_x: bool,
) -> tuple[Array | None, Array, Array] | None:  # fmt: skip
    """The gradients of `standardize` in one go, where there is a fast way."""
    if not numpy_batchnorm.suits(x, axis) or g.dtype != x.dtype:
        return None
    g = np.ascontiguousarray(g)
    return numpy_batchnorm.standardize_channels_grad(g, x, weight, mean, rstd, needs_x)


def standardize_rms(
    x: Array, weight: Array | None = None, *, axis: tuple[int, ...], eps: float
) -> tuple[Array, Array]:
    number = 1
    for a in axis:
        number *= x.shape[a]
    square = np.add.reduce(x * x, axis=axis, keepdims=True)
    square /= number
    square += eps
    rstd = 1 / np.sqrt(square)
    out = np.multiply(x, rstd, order="C")
    if weight is not None:
        out *= weight
    return out, rstd


def cross_entropy(
    x: Array, target: Array, coefficient: Array | None = None, *, scale: float, total: bool
) -> tuple[Array, Array]:
    """The loss and the probabilities; the two share the exponentials."""
    z = x - np.maximum.reduce(x, axis=1, keepdims=True)
    rows = np.arange(len(x))
    chosen = z[rows, target]
    np.exp(z, out=z)
    s = np.add.reduce(z, axis=1)
    loss = np.log(s)
    loss -= chosen
    z /= s[:, None]
    if coefficient is not None:
        loss = np.where(coefficient == 0, coefficient, loss * coefficient)
    if total:
        loss = np.add.reduce(loss)
    if scale != 1:
        loss = loss * x.dtype.type(scale)
    return loss, z


def minus_one_hot(x: Array, rows: Array, target: Array) -> Array:
    factor = rows[:, None] if np.ndim(rows) else rows
    out = x * factor
    out[np.arange(len(x)), target] -= rows
    return out


def class_pick(x: Array, target: Array) -> Array:
    return x[np.arange(len(x)), target]


def class_put(x: Array, target: Array, *, classes: int) -> Array:
    out = np.zeros((len(x), classes), x.dtype)
    out[np.arange(len(x)), target] = x
    return out


@widened
def squared_error(x: Array, y: Array) -> Array:
    d = np.asarray(x - y)
    d *= d
    return d


@widened
def logistic_loss(x: Array, y: Array) -> Array:
    """max(x, 0) - x*y + ln(1 + e**-|x|)."""
    out = np.asarray(np.log1p(np.exp(-np.abs(x))))
    return out + (np.maximum(x, 0) - x * y)


@widened
def binary_cross_entropy(x: Array, y: Array) -> Array:
    low = x.dtype.type(-100)
    yes, no = np.maximum(np.log(x), low), np.maximum(np.log1p(-x), low)
    return (y - 1) * no - y * yes


@widened
def huber_error(x: Array, y: Array, *, delta: float, scale: float) -> Array:
    d = np.abs(x - y)
    out = np.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta))
    return out * scale if scale != 1 else out


def xlogx(x: Array) -> Array:
    return np.where(x == 0, x, x * np.log(x))


def embedding(weight: Array, index: Array, *, padding: int, by_count: bool) -> Array:
    return weight.take(index, axis=0)


def embedding_rows(x: Array, index: Array, *, padding: int, by_count: bool) -> Array:
    out = x.take(index, axis=0)
    if by_count:
        _, inverse, counts = np.unique(index, return_inverse=True, return_counts=True)
        out /= counts[inverse].reshape(index.shape)[..., None].astype(x.dtype)
    if padding >= 0:
        out[index == padding] = 0
    return out


def embedding_grad(x: Array, index: Array, *, rows: int, padding: int, by_count: bool) -> Array:
    """Sort by row and add runs: np.add.at takes ten times as long on rows."""
    flat = index.reshape(-1)
    width = x.shape[index.ndim :]
    values = x.reshape(len(flat), *width)
    out = np.zeros((rows, *width), x.dtype)
    if len(flat) == 0:
        return out
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sums = np.add.reduceat(values[order], starts, axis=0)
    if by_count:
        counts = np.diff(np.r_[starts, len(flat)])
        sums /= counts.reshape(-1, *(1,) * len(width)).astype(x.dtype)
    out[ordered[starts]] = sums
    if padding >= 0:
        out[padding] = 0
    return out


def tied(x: Array, *others: Array, specs: Any) -> Array:
    return x
