"""Rounding, signs, and bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec as specs
from chainrule.errors import DtypeError
from chainrule.ops.arithmetic import NoBool, floats_only
from chainrule.ops.base import Elementwise, conjugate, is_complex, zero
from chainrule.spec import Spec

Array = Any


class Floor(NoBool):
    """out = the largest whole number <= x.   Its derivative is zero wherever it exists."""

    name, inputs, c = "floor", ("x",), "floor({x})"
    d_x = staticmethod(zero)


class Ceil(NoBool):
    """out = the smallest whole number >= x.   Its derivative is zero wherever it exists."""

    name, inputs, c = "ceil", ("x",), "ceil({x})"
    d_x = staticmethod(zero)


class Trunc(NoBool):
    """out = x rounded towards zero.   Its derivative is zero wherever it exists."""

    name, inputs, c = "trunc", ("x",), "trunc({x})"
    d_x = staticmethod(zero)


class Rint(NoBool):
    """out = the nearest whole number, halves to the even one.   Its derivative is zero."""

    name, inputs, c, grad_name = "rint", ("x",), "rint({x})", "Round"
    d_x = staticmethod(zero)


class RoundTo(Elementwise):
    """out = x rounded to so many decimal places.   Its derivative is zero wherever it exists."""

    name, inputs, grad_name = "round_to", ("x",), "Round"
    d_x = staticmethod(zero)

    @classmethod
    def spec(cls, x: Spec, *, decimals: int) -> Spec:
        return floats_only(cls, x)


class Sign(Elementwise):
    """out = -1, 0 or 1; of a complex x the number of size 1 with its angle.

    The derivative is zero wherever it exists; that of a complex x turns with the angle,
    dL/dx = (g - conj(out) Re(g out)) / |x|, and is 0 at 0.
    """

    name, inputs = "sign", ("x",)
    c = "({x} > 0) - ({x} < 0)"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        if not is_complex(x):
            return xp.zeros_like(g)
        along = xp.conj(out) * xp.real(g * out)
        size = xp.absolute(x)
        none = size == 0
        across = xp.mask(g - along, xp.logical_not(none))
        return across / xp.where(none, xp.ones_like(size), size)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any) -> Array:
        return conjugate(xp, Sign.d_x(xp, conjugate(xp, ts[0]), values[0], values[1]))


class Heaviside(Elementwise):
    """out = 0 where x < 0, y where x = 0, 1 where x > 0."""

    name, inputs = "heaviside", ("x", "y")
    no_derivative = "it is a step"


class Nextafter(Elementwise):
    """out = the next number after x towards y.   dL/dx = g, 0 where x = y; dL/dy = 0."""

    name, inputs, c = "nextafter", ("x", "y"), "nextafter({x}, {y})"
    d_y = staticmethod(zero)

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        return floats_only(cls, super().spec(*xs))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g, x != y)


class Clip(Elementwise):
    """out = x brought into [low, high], numbers or None.   dL/dx = g inside and on the bounds."""

    name, inputs, grad_name = "clip", ("x",), "Clamp"
    node_name = staticmethod(lambda **static: "ClampBackward1")

    @classmethod
    def spec(cls, x: Spec, *, low: Any, high: Any) -> Spec:
        if x.dtype == specs.BOOL:
            raise DtypeError("clamp is not implemented for bool tensors",
                             fix="Convert with .int() first.")  # fmt: skip
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, low: Any, high: Any) -> Array:
        if low is None:
            return xp.mask(g, x <= high)
        if high is None:
            return xp.mask(g, x >= low)
        return xp.mask(g, xp.logical_and(x >= low, x <= high))


class ClampMin(NoBool):
    """out = max(x, low) elementwise.   dL/dx = g where x >= low, dL/dlow = g elsewhere."""

    name, inputs, c = "clamp_min", ("x", "low"), "fmax({x}, {low})"
    grad_name = "ClampMin"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, low: Array) -> Array:
        return xp.mask(g, x >= low)

    @staticmethod
    def d_low(xp: Any, g: Array, x: Array, low: Array) -> Array:
        return xp.mask(g, x < low)


class ClampMax(NoBool):
    """out = min(x, high) elementwise.   dL/dx = g where x <= high, dL/dhigh = g elsewhere."""

    name, inputs, c = "clamp_max", ("x", "high"), "fmin({x}, {high})"
    grad_name = "ClampMax"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, high: Array) -> Array:
        return xp.mask(g, x <= high)

    @staticmethod
    def d_high(xp: Any, g: Array, x: Array, high: Array) -> Array:
        return xp.mask(g, x > high)


class Clamp(NoBool):
    """out = min(max(x, low), high).   dL/dx = g inside and on the bounds.

    dL/dlow = g where x < low < high, dL/dhigh = g where x > high or high < low.
    """

    name, inputs = "clamp", ("x", "low", "high")

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.mask(g, xp.logical_and(x >= low, x <= high))

    @staticmethod
    def d_low(xp: Any, g: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.mask(g, xp.logical_and(x < low, low < high))

    @staticmethod
    def d_high(xp: Any, g: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.mask(g, xp.logical_or(x > high, high < low))


class NanToNum(Elementwise):
    """out = x with numbers in place of NaN and infinities.   dL/dx = g where x is finite."""

    name, inputs = "nan_to_num", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, nan: Any, posinf: Any, neginf: Any) -> Array:
        return g * xp.isfinite(x)


class Frexp(Elementwise):
    """mantissa * 2**exponent = x with 0.5 <= |mantissa| < 1.   dL/dx = g / 2**exponent."""

    name, inputs, outputs = "frexp", ("x",), ("mantissa", "exponent")

    @classmethod
    def spec(cls, x: Spec) -> Any:
        if not specs.is_floating(x.dtype):
            raise DtypeError("torch.frexp() only supports floating-point dtypes",
                             fix="Convert with .float() first.")  # fmt: skip
        return x, Spec(x.shape, np.dtype(np.int32))

    @staticmethod
    def d_x(xp: Any, g: Any, exponent: Array) -> Array:
        first = g[0]
        return first / xp.exp2(xp.astype(exponent, dtype=first.dtype))

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any) -> Any:
        (t,), exponent = ts, values[2]
        return t / xp.exp2(xp.astype(exponent, dtype=t.dtype)), None
