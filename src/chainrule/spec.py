"""Shapes and dtypes as plain tuples: broadcasting and type promotion, without any arrays.

Promotion follows torch: a dtype has a category (bool < integer < floating < complex), and an
operand takes part by its rank: tensors with dimensions first, then 0-d tensors, then Python
numbers.  A lower rank changes the result only if its category is higher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

from chainrule.errors import DimensionError, DtypeError, ShapeError

Shape = tuple[int, ...]
DType = np.dtype[Any]

BOOL: DType = np.dtype(np.bool_)
INT64: DType = np.dtype(np.int64)
FLOAT16: DType = np.dtype(np.float16)
BFLOAT16: DType = np.dtype(ml_dtypes.bfloat16)
FLOAT32: DType = np.dtype(np.float32)
FLOAT64: DType = np.dtype(np.float64)
COMPLEX64: DType = np.dtype(np.complex64)
COMPLEX128: DType = np.dtype(np.complex128)

_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2, "V": 2, "c": 3}
_TO_COMPLEX = {FLOAT16: COMPLEX64, BFLOAT16: COMPLEX64, FLOAT32: COMPLEX64, FLOAT64: COMPLEX128}
_TO_REAL = {COMPLEX64: FLOAT32, COMPLEX128: FLOAT64}


class Spec(NamedTuple):
    """What is known of an array without its data."""

    shape: Shape
    dtype: DType

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return size_of(self.shape)


class Defaults:
    """The dtype that Python floats become (`set_default_dtype`)."""

    floating: DType = FLOAT32


def category(dtype: DType) -> int:
    """0 bool, 1 integer, 2 floating, 3 complex."""
    return _CATEGORY[dtype.kind]


def is_floating(dtype: DType) -> bool:
    return dtype.kind in "fV"


def is_inexact(dtype: DType) -> bool:
    """Floating or complex."""
    return dtype.kind in "fcV"


def is_differentiable(dtype: DType) -> bool:
    """Whether gradients flow through values of this dtype."""
    return dtype.kind in "fcV"


def complex_of(dtype: DType) -> DType:
    """The complex dtype whose parts have (about) this precision."""
    if dtype.kind == "c":
        return dtype
    return _TO_COMPLEX[dtype if dtype in _TO_COMPLEX else Defaults.floating]


def real_of(dtype: DType) -> DType:
    """The dtype of the real and imaginary parts."""
    return _TO_REAL.get(dtype, dtype)


@cache
def promote(a: DType, b: DType) -> DType:
    """The smallest dtype that holds both, by torch's table.

    >>> promote(np.dtype("uint8"), np.dtype("int8"))
    dtype('int16')
    >>> promote(np.dtype("int64"), np.dtype("float32"))
    dtype('float32')
    """
    if a == b:
        return a
    if (a.itemsize == 1 and is_floating(a)) or (b.itemsize == 1 and is_floating(b)):
        raise DtypeError(f"Promotion for Float8 Types is not supported, attempted to promote {a} "
                         f"and {b}", fix="Convert them with .to(torch.float32).")  # fmt: skip
    (low, high) = (a, b) if category(a) < category(b) else (b, a)
    if category(low) < category(high):
        if high.kind == "c" and is_floating(low):
            return COMPLEX128 if low == FLOAT64 else high
        return high
    if (high.kind == "u" and low.kind == "u") or "u" not in (low.kind, high.kind):
        if {a, b} == {FLOAT16, BFLOAT16}:
            return FLOAT32
        return a if a.itemsize > b.itemsize else b
    unsigned, signed = (a, b) if a.kind == "u" else (b, a)
    if unsigned.itemsize > 1:
        raise DtypeError(
            f"{unsigned} does not promote with {signed}",
            fix="Convert one of them first, for example with .to(torch.int64).",
        )
    return signed if signed.itemsize > 1 else np.dtype(np.int16)


def scalar_dtype(value: Any) -> DType:
    """The dtype a Python number stands for."""
    kind = type(value)
    if kind is bool or isinstance(value, np.bool_):
        return BOOL
    if kind is float:
        return Defaults.floating
    if kind is int:
        return INT64
    if kind is complex:
        return complex_of(Defaults.floating)
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype):  # a NumPy scalar: torch reads it as a Python number
        return {0: BOOL, 1: INT64, 2: Defaults.floating}.get(
            category(dtype), complex_of(Defaults.floating)
        )
    for number in (int, float, complex):  # subclasses, as enum.IntEnum
        if isinstance(value, number):
            return scalar_dtype(number(value))  # type: ignore[arg-type]
    raise DtypeError(
        f"a number or a tensor is needed, not {kind.__name__}", operands=[("value", value)]
    )


def combine(higher: DType | None, lower: DType | None) -> DType | None:
    """A rank's result together with that of the next lower rank."""
    if higher is None or lower is None:
        return higher or lower
    if category(higher) >= category(lower):
        return higher
    if higher.kind in "fV":  # lower is complex
        return complex_of(higher)
    return promote(higher, lower)


def result_type(operands: Iterable[Any]) -> DType:
    """The dtype an elementwise operation computes in.  Operands are arrays, specs or numbers.

    >>> result_type([np.zeros(2, np.int32), 1.5])
    dtype('float32')
    >>> result_type([np.zeros(2, np.float32), np.float64(1) + np.zeros(())])
    dtype('float32')
    """
    ranks: list[DType | None] = [None, None, None]
    for operand in operands:
        shape = getattr(operand, "shape", None)
        if shape is None or isinstance(operand, np.generic):
            rank, dtype = 2, scalar_dtype(operand)
        else:
            rank, dtype = (0 if shape else 1), operand.dtype
        known = ranks[rank]
        ranks[rank] = dtype if known is None else promote(known, dtype)
    result = combine(ranks[0], combine(ranks[1], ranks[2]))
    assert result is not None
    return result


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that all of `shapes` broadcast to.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    ndim = max(map(len, shapes), default=0)
    out = [1] * ndim
    for shape in shapes:
        for i, size in enumerate(shape, ndim - len(shape)):
            if size != 1:
                if out[i] not in (1, size):
                    raise ShapeError(
                        "sizes on one axis, counted from the last, must be equal or 1; "
                        f"axis {i - ndim} has {out[i]} and {size}",
                        fix="Insert an axis with .unsqueeze(), or transpose one operand.",
                    )
                out[i] = size
    return tuple(out)


def size_of(shape: Sequence[int]) -> int:
    """Number of elements."""
    n = 1
    for s in shape:
        n *= s
    return n


def normalize_axis(axis: int, ndim: int) -> int:
    """A possibly negative axis as one from 0 to ndim - 1; a 0-d array has axes 0 and -1."""
    n = ndim or 1
    if not -n <= axis < n:
        raise DimensionError(
            f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {axis})"
        )
    return axis % n


def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """None, an int or ints as a tuple of distinct axes, in order; None means all."""
    if axis is None:
        return tuple(range(ndim))
    given = (axis,) if isinstance(axis, (int, np.integer)) else tuple(axis)
    axes = tuple(normalize_axis(int(a), ndim) for a in given)
    if len(set(axes)) != len(axes):
        raise ShapeError(f"dim {list(given)} names an axis more than once")
    return () if ndim == 0 else axes


def reduced_shape(shape: Shape, axis: tuple[int, ...], keepdims: bool) -> Shape:
    """The shape after reducing over `axis`."""
    return tuple(1 if i in axis else s for i, s in enumerate(shape) if keepdims or i not in axis)
