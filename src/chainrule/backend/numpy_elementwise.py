"""Elementwise functions that are not a ufunc of NumPy, or need torch's results in a corner.

Temporaries are this module's own, so it writes into them: a pass over 10^6 float32 costs about
0.25 ms, a new array's page faults as much again.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, DtypeError

Array = Any
ndarray = np.ndarray
BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def in_single(function: Any) -> Any:
    """Let several steps on 16-bit floats round once, at the end, as torch does."""

    @functools.wraps(function)
    def call(*xs: Array, **static: Any) -> Array:
        dtype = xs[0].dtype
        if dtype.itemsize != 2 or dtype.kind not in "fV":
            return function(*xs, **static)
        return function(*(np.asarray(x).astype(np.float32) for x in xs), **static).astype(dtype)

    return call


def mask(x: Array, keep: Array) -> Array:
    """x where keep, else 0.  And-ing bits does not branch: 0.32 ms where np.where takes 4.5."""
    if type(x) is ndarray and x.itemsize in BITS and x.dtype.kind != "c":
        bits = x.view(BITS[x.itemsize])
        ones = np.negative(np.asarray(keep, np.bool_).view(np.int8))
        return np.asarray(np.bitwise_and(bits, ones)).view(x.dtype)
    return np.where(keep, x, np.zeros((), np.asarray(x).dtype))


def where(condition: Array, x: Array, y: Array) -> Array:
    """x where condition, else y.  For large arrays the bits are mixed, which does not branch."""
    if (
        type(x) is ndarray
        and type(y) is ndarray
        and x.size > 1 << 12
        and x.shape == y.shape == np.shape(condition)
        and x.dtype == y.dtype
        and x.itemsize in BITS
        and x.dtype.kind != "c"
        and condition.dtype == np.bool_
    ):
        bits, other = x.view(BITS[x.itemsize]), y.view(BITS[x.itemsize])
        out = np.bitwise_xor(bits, other)
        out &= np.negative(condition.view(np.int8))
        out ^= other
        return out.view(x.dtype)
    return np.where(condition, x, y)


# 1 as an array of each dtype: NumPy takes 0.35 us less than for a Python number.
ONE = {d: np.ones((), d) for d in map(np.dtype, ("f2", "f4", "f8", "c8", "c16"))}


@in_single
def sigmoid(x: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-x)) in one temporary.  exp overflows to inf for large -x, which gives 0."""
    out = np.negative(x, out=out)
    if type(out) is not ndarray:
        return np.reciprocal(1 + np.exp(out))
    one = ONE[out.dtype]
    np.exp(out, out)
    np.add(out, one, out)
    return np.divide(one, out, out)  # half the time of np.reciprocal


@in_single
def sigmoid_grad(x: Array, y: Array, out: Array | None = None) -> Array:
    """x * y * (1 - y)."""
    out = np.subtract(ONE[y.dtype], y, out)
    if type(out) is not ndarray or out.shape != x.shape:
        return x * (out * y)
    np.multiply(out, y, out)
    return np.multiply(out, x, out)


@in_single
def tanh_grad(x: Array, y: Array, out: Array | None = None) -> Array:
    """x * (1 - y**2)."""
    out = np.multiply(y, y, out)
    if type(out) is not ndarray or out.shape != x.shape:
        return x * (1 - out)
    np.subtract(ONE[y.dtype], out, out)
    return np.multiply(out, x, out)


def relu(x: Array) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("Boolean inputs not supported for relu", [("x", x)])
    if x.size < 8 * ROW or x.dtype.kind != "f" or not x.flags.c_contiguous:
        return np.maximum(x, 0)
    return blocked(np.maximum, x, ZEROS[x.dtype]) if x.dtype in ZEROS else np.maximum(x, 0)


ROW = 1 << 12
ZEROS = {np.dtype(t): np.zeros(ROW, t) for t in (np.float32, np.float64)}


def blocked(function: Any, x: Array, row: Array) -> Array:
    """function(x, number) with the number as a row: NumPy's loop over two rows is 3 times as fast
    as that over a row and a number."""
    flat, n = x.reshape(-1), x.size // ROW * ROW
    out = np.empty_like(x)
    made = out.reshape(-1)
    function(flat[:n].reshape(-1, ROW), row, out=made[:n].reshape(-1, ROW))
    function(flat[n:], row[: x.size - n], out=made[n:])
    return out


@in_single
def rsqrt(x: Array) -> Array:
    out = np.sqrt(x)
    if type(out) is not ndarray:
        return np.reciprocal(out)
    return np.reciprocal(out, out=out)


def divides(x: Array, y: Array) -> bool:
    """Whether these are integers; an error if one of them is to be divided by zero."""
    kind = x.dtype.kind
    if kind == "b":
        raise DtypeError("division is not implemented for bool tensors", [("x", x)])
    if kind in "iu":
        if not np.all(y):
            raise ArgumentError("ZeroDivisionError: integer division by zero", [("y", y)])
        return True
    return False


def floor_divide(x: Array, y: Array) -> Array:
    divides(x, y)
    return np.floor_divide(x, y)


def trunc_divide(x: Array, y: Array) -> Array:
    if not divides(x, y):
        return np.trunc(x / y)
    return (x - np.fmod(x, y)) // y


def remainder(x: Array, y: Array) -> Array:
    """The remainder with the divisor's sign; a remainder of zero keeps the dividend's."""
    divides(x, y)
    return np.remainder(x, y)


def fmod(x: Array, y: Array) -> Array:
    divides(x, y)
    return np.fmod(x, y)


def absolute(x: Array) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("abs is not implemented for bool tensors", [("x", x)])
    return np.absolute(x)


def power(x: Array, y: Array) -> Array:
    """x**y; a negative power of an integer is 0, but for bases 1 and -1."""
    kind = x.dtype.kind
    if kind == "b":
        raise DtypeError("pow is not implemented for bool tensors", [("x", x)])
    if kind != "i" or not np.any(y < 0):
        return np.power(x, y)
    out = np.power(x, np.maximum(y, 0))
    units = np.where(x == 1, 1, np.where(x == -1, 1 - 2 * (y & 1), 0))
    return np.where(y < 0, units, out).astype(x.dtype)


@in_single
def power_by(x: Array, *, exponent: Any) -> Array:
    """x**exponent for a number."""
    if x.dtype.kind in "iub" and exponent < 0:
        raise DtypeError("Integers to negative integer powers are not allowed.", [("x", x)])
    if exponent == 2:
        return x * x
    if exponent == 0.5:
        return np.sqrt(x)
    if exponent == 3:
        return x * x * x
    if exponent == 1:
        return x.copy()
    if exponent == -1:
        return np.reciprocal(x)
    if exponent == -2:
        return np.reciprocal(x * x)
    if exponent == -0.5:
        return rsqrt(x)
    return np.power(x, np.asarray(exponent).astype(x.dtype))


@in_single
def round_to(x: Array, *, decimals: int) -> Array:
    if x.dtype.kind in "iub":
        raise DtypeError("round with decimals is for floating tensors", [("x", x)])
    scale = 10.0 ** abs(decimals)
    return np.rint(x / scale) * scale if decimals < 0 else np.rint(x * scale) / scale


def sign(x: Array) -> Array:
    """-1, 0 or 1; 0 for NaN, and booleans as they are."""
    kind = x.dtype.kind
    if kind == "b":
        return np.array(x)
    if kind in "iu":
        return np.sign(x)
    if kind == "c":
        out = np.asarray(np.sign(x))
        return np.where(np.isnan(out), 0, out)
    return np.subtract(x > 0, x < 0, dtype=np.int8).astype(x.dtype)


def whole(ufunc: Any, word: str) -> Any:
    """A rounding function: whole numbers stay as they are, booleans are refused."""

    def call(x: Array) -> Array:
        kind = x.dtype.kind
        if kind in "iu":
            return x.copy()
        if kind == "b":
            raise DtypeError(f"{word} is not implemented for bool tensors", [("x", x)])
        return ufunc(x)

    call.__name__ = word
    return call


floor, ceil, trunc = whole(np.floor, "floor"), whole(np.ceil, "ceil"), whole(np.trunc, "trunc")
rint = whole(np.rint, "round")


def log1p(x: Array) -> Array:
    """ln(1 + x).  NumPy's is not vectorised for float32 (14 ms per 10^6, this 5).

    The logarithm of the rounded u = 1 + x, and to first order what rounding took away.
    """
    if type(x) is not ndarray or x.dtype != np.float32:
        return np.log1p(x)
    u = 1 + x
    lost = (x - (u - 1)) / u
    out = np.asarray(np.log(u))
    return np.add(out, lost, out=out, where=np.isfinite(lost))


def expm1(x: Array) -> Array:
    """e**x - 1, as log1p: with u = e**x rounded, (u - 1) * x / ln u has no cancellation."""
    if type(x) is not ndarray or x.dtype != np.float32 or x.ndim == 0:
        return np.expm1(x)
    u = np.exp(x)
    out = u - 1
    scale = np.log(u)
    np.divide(x, scale, out=scale)
    plain = (u == 1) | (out == -1) | np.isinf(u)
    np.multiply(out, scale, out=out, where=~plain)
    np.copyto(out, x, where=u == 1)
    return out


def heaviside(x: Array, y: Array) -> Array:
    out = np.where(x == 0, y, x > 0).astype(x.dtype)
    return np.where(np.isnan(x), x, out) if x.dtype.kind in "fV" else out


def clip(x: Array, *, low: Any, high: Any) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("clamp is not implemented for bool tensors", [("x", x)])
    if x.dtype.kind in "iu":  # bounds outside of the dtype bound nothing
        info = np.iinfo(x.dtype)
        low = None if low is None else max(low, info.min)
        high = None if high is None else min(high, info.max)
    if x.dtype.kind == "V":  # NumPy promotes bfloat16 with Python's numbers to float32
        low, high = (b if b is None else x.dtype.type(b) for b in (low, high))
    elif x.size > 4096:  # one pass; below, its overhead is larger
        return np.clip(x, low, high)
    if low is None:
        return np.minimum(x, high)
    out = np.maximum(x, low)
    if high is None:
        return out
    return np.minimum(out, high, out=out) if type(out) is ndarray else np.minimum(out, high)


def clamp_min(x: Array, low: Array) -> Array:
    return np.maximum(x, low)


def clamp_max(x: Array, high: Array) -> Array:
    return np.minimum(x, high)


def clamp(x: Array, low: Array, high: Array) -> Array:
    return np.minimum(np.maximum(x, low), high)


def nan_to_num(x: Array, *, nan: Any, posinf: Any, neginf: Any) -> Array:
    if x.dtype.kind not in "fcV":
        return x.copy()
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def signbit(x: Array) -> Array:
    return np.signbit(x) if x.dtype.kind in "fV" else np.less(x, 0)


@in_single
def lerp(x: Array, y: Array, w: Array) -> Array:
    """x + w (y - x), from the nearer end, so that w = 1 gives y exactly."""
    step = y - x
    if np.ndim(w) == 0:
        return x + w * step if abs(w) < 0.5 else y - step * (1 - w)
    return np.where(np.abs(w) < 0.5, x + w * step, y - step * (1 - w))


def gcd(x: Array, y: Array) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("gcd is not implemented for bool tensors", [("x", x)])
    return np.gcd(x, y)


def lcm(x: Array, y: Array) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("lcm is not implemented for bool tensors", [("x", x)])
    return np.lcm(x, y)


def hypot(x: Array, y: Array) -> Array:
    return only_floats(np.hypot, x, y)


def nextafter(x: Array, y: Array) -> Array:
    return only_floats(np.nextafter, x, y)


def logaddexp(x: Array, y: Array) -> Array:
    if x.dtype.kind == "c":
        first = x.real >= y.real
        high: Any = np.where(first, x, y)
        low: Any = np.where(first, y, x)
        even = np.isinf(high) & (high.real == low.real)  # inf - inf
        total = np.log(1 + np.exp(np.where(even, 0, low - high))) + high
        out = np.where(
            even, np.where(high.real < 0, low, np.log(np.exp(low) + np.exp(high))), total
        )
        return out.astype(x.dtype)
    return only_floats(np.logaddexp, x, y)


def logaddexp2(x: Array, y: Array) -> Array:
    return only_floats(np.logaddexp2, x, y)


def only_floats(ufunc: Any, x: Array, y: Array) -> Array:
    """The ufunc, without NumPy's way of turning integers into floats."""
    if x.dtype.kind not in "fcV":
        raise DtypeError(f"{ufunc.__name__} is not implemented for {x.dtype} tensors", [("x", x)])
    return ufunc(x, y)


def left_shift(x: Array, y: Array) -> Array:
    if x.dtype.kind == "b":
        raise DtypeError("left_shift is not implemented for bool tensors", [("x", x)])
    return np.left_shift(x, y)


def right_shift(x: Array, y: Array) -> Array:
    """Shifting by a negative amount, or beyond the width, leaves the sign alone."""
    if x.dtype.kind == "b":
        raise DtypeError("right_shift is not implemented for bool tensors", [("x", x)])
    last = 8 * x.dtype.itemsize - (x.dtype.kind == "i")
    return np.right_shift(x, np.where((y < 0) | (y > last), last, y).astype(x.dtype))


@in_single
def sinc(x: Array) -> Array:
    angle = x * math.pi
    return np.where(x == 0, np.ones((), x.dtype), np.sin(angle) / angle)


def frexp(x: Array) -> tuple[Array, Array]:
    if x.dtype.kind not in "fV":
        raise DtypeError("torch.frexp() only supports floating-point dtypes", [("x", x)])
    mantissa, exponent = np.frexp(x)
    return mantissa, exponent


def complex_from(x: Array, y: Array) -> Array:
    """x + i y."""
    out = np.empty(np.broadcast_shapes(x.shape, y.shape),
                   np.complex128 if x.dtype == np.float64 else np.complex64)  # fmt: skip
    out.real, out.imag = x, y
    return out


def angle(x: Array) -> Array:
    if x.dtype.kind == "c":
        return np.arctan2(x.imag, x.real)
    return np.where(np.isnan(x), x, np.where(x < 0, math.pi, 0)).astype(x.dtype)


def isclose(x: Array, y: Array, *, rtol: float, atol: float, equal_nan: bool) -> Array:
    if x.dtype.kind == "b":
        return x == y
    close = (np.abs(x - y) <= atol + rtol * np.abs(y)) & np.isfinite(y)
    close = close | (x == y)
    return close | (np.isnan(x) & np.isnan(y)) if equal_nan else close
