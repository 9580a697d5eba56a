"""The names that op rules use, over NumPy arrays.

A ufunc stands here as NumPy has it.  Everything else takes arrays first and metadata by keyword,
and handles one case exactly: axes are tuples of non-negative ints, shapes are tuples.
"""

# ruff: noqa: F401  (this module's purpose is to offer names)
from __future__ import annotations

from typing import Any

import numpy as np
from numpy import (
    absolute,
    add,
    divide,
    equal,
    exp,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    logical_and,
    logical_not,
    logical_or,
    matmul,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    power,
    sign,
    sqrt,
    subtract,
    tanh,
    where,
    zeros_like,
)

from chainrule.backend.numpy_conv import col2im, conv, conv_input_grad, conv_weight_grad, im2col
from chainrule.backend.numpy_nn import (
    binary_cross_entropy, class_pick, class_put, cross_entropy, elu, embedding, embedding_grad,
    embedding_rows, gelu, gelu_tanh, hardshrink, hardsigmoid, hardswish, hardtanh, huber_error,
    leaky_relu, linear, logistic_loss, logsigmoid, minus_one_hot, mish, prelu, silu, softplus,
    softshrink, squared_error, standardize, standardize_rms, threshold, xlogx,
)  # fmt: skip
from chainrule.backend.numpy_pool import (
    avg_pool, avg_pool_grad, best_in, max_pool, max_pool_codes, plane_gather, plane_scatter,
    window_place, window_select,
)  # fmt: skip

Array = Any


def asarray(x: Any, *, dtype: Any = None) -> Array:
    return np.asarray(x, dtype=dtype)


def zeros(*, shape: tuple[int, ...], dtype: Any) -> Array:
    return np.zeros(shape, dtype)


def full(*, shape: tuple[int, ...], value: Any, dtype: Any) -> Array:
    return np.full(shape, value, dtype)


def arange(*, stop: int, dtype: Any) -> Array:
    return np.arange(stop, dtype=dtype)


def astype(x: Array, *, dtype: Any) -> Array:
    return x.astype(dtype)


def copy(x: Array) -> Array:
    return np.array(x, order="C")


def sum(x: Array, *, axis: tuple[int, ...], keepdims: bool) -> Array:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


def amax(x: Array, *, axis: tuple[int, ...], keepdims: bool) -> Array:
    return np.maximum.reduce(x, axis=axis, keepdims=keepdims)


def reshape(x: Array, *, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


def broadcast_to(x: Array, *, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(x, shape)


def permute_dims(x: Array, *, axes: tuple[int, ...]) -> Array:
    return x.transpose(axes)


def swapaxes(x: Array, *, axis1: int, axis2: int) -> Array:
    return x.swapaxes(axis1, axis2)


def concat(*xs: Array, axis: int) -> Array:
    return np.concatenate(xs, axis)


def slice(x: Array, *, index: tuple[Any, ...]) -> Array:
    return x[index]


def slice_scatter(g: Array, *, shape: tuple[int, ...], index: tuple[Any, ...]) -> Array:
    """Zeros of `shape` with `g` at `index`: the transpose of `slice`."""
    out = np.zeros(shape, g.dtype)
    out[index] = g
    return out


def write_view(x: Array, y: Array, *, steps: tuple[Any, ...]) -> Array:
    """A copy of `x` with `y` in the view of it that `steps` lead to."""
    out = x.copy()
    region = out
    for op, static in steps:
        region = op.raw(region, **static)
    region[...] = y
    return out


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)
