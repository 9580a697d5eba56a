"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

import math
from typing import Any

from chainrule import spec as specs
from chainrule.errors import DtypeError
from chainrule.ops.arithmetic import NoBool, floats_only
from chainrule.ops.base import Elementwise
from chainrule.spec import Spec

Array = Any
LN2, LN10 = math.log(2), math.log(10)


class Exp(Elementwise):
    """out = e**x.   dL/dx = g * out."""

    name, inputs, c, promotes = "exp", ("x",), "exp({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * out


class Exp2(Elementwise):
    """out = 2**x.   dL/dx = g * out * ln 2."""

    name, inputs, c, promotes = "exp2", ("x",), "exp2({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * out * LN2


class Expm1(Elementwise):
    """out = e**x - 1, exact near 0.   dL/dx = g * (out + 1)."""

    name, inputs, c, promotes = "expm1", ("x",), "expm1({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * (out + 1)


class Log(Elementwise):
    """out = ln x.   dL/dx = g / x."""

    name, inputs, c, promotes = "log", ("x",), "log({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / x


class Log2(Elementwise):
    """out = the logarithm to base 2.   dL/dx = g / (x ln 2)."""

    name, inputs, c, promotes = "log2", ("x",), "log2({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / (x * LN2)


class Log10(Elementwise):
    """out = the logarithm to base 10.   dL/dx = g / (x ln 10)."""

    name, inputs, c, promotes = "log10", ("x",), "log10({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / (x * LN10)


class Log1p(Elementwise):
    """out = ln(1 + x), exact near 0.   dL/dx = g / (x + 1)."""

    name, inputs, c, promotes = "log1p", ("x",), "log1p({x})", "float"
    grad_name = "Log1P"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / (x + 1)


class Logaddexp(Elementwise):
    """out = ln(e**x + e**y).   dL/dx = g * sigmoid(x - y), and the other way round for y."""

    name, inputs = "logaddexp", ("x", "y")

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        out = super().spec(*xs)
        return out if out.dtype.kind == "c" else floats_only(cls, out)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * xp.sigmoid(x - y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * xp.sigmoid(y - x)


class Logaddexp2(Elementwise):
    """out = log2(2**x + 2**y).   dL/dx = g * sigmoid((x - y) ln 2), likewise for y."""

    name, inputs = "logaddexp2", ("x", "y")

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        return floats_only(cls, super().spec(*xs))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * xp.sigmoid((x - y) * LN2)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * xp.sigmoid((y - x) * LN2)


class Sqrt(Elementwise):
    """out = the square root of x.   dL/dx = g / (2 * out)."""

    name, inputs, c, promotes = "sqrt", ("x",), "sqrt({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g / (2 * out)


class Rsqrt(Elementwise):
    """out = 1 / sqrt(x).   dL/dx = -g * out**3 / 2."""

    name, inputs, c, promotes = "rsqrt", ("x",), "1 / sqrt({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * (out * out * out) * -0.5


class Power(NoBool):
    """out = x**y.   dL/dx = g * y * x**(y-1),   dL/dy = g * out * ln x.

    Where y = 0 the gradient of x is 0, and where x = 0 and y >= 0 that of y is 0, as in torch.
    """

    name, inputs, c = "power", ("x", "y"), "pow({x}, {y})"
    grad_name = "Pow"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.mask(g * (y * xp.power(x, y - 1)), y != 0)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array, out: Array) -> Array:
        flat = xp.logical_and(x == 0, y >= 0)
        return xp.mask(g * (out * xp.log(x)), xp.logical_not(flat))


class PowerBy(Elementwise):
    """out = x**exponent for a number.   dL/dx = g * exponent * x**(exponent-1), 0 for exponent 0.

    Exponents that are small whole numbers or halves take multiplications and roots.
    """

    name, inputs, grad_name = "power_by", ("x",), "Pow"

    @classmethod
    def spec(cls, x: Spec, *, exponent: Any) -> Spec:
        if not specs.is_inexact(x.dtype) and exponent < 0:
            raise DtypeError("Integers to negative integer powers are not allowed.",
                             fix="Convert with .float() first.")  # fmt: skip
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, exponent: Any) -> Array:
        if exponent == 0:
            return xp.zeros_like(g)
        if exponent == 1:
            return g
        if exponent == 2:
            return g * (2 * x)
        return g * (exponent * xp.power_by(x, exponent=exponent - 1))
