"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise

Array = Any


class Sin(Elementwise):
    """out = sin x.   dL/dx = g * cos x."""

    name, inputs, c, promotes = "sin", ("x",), "sin({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.cos(x)


class Cos(Elementwise):
    """out = cos x.   dL/dx = -g * sin x."""

    name, inputs, c, promotes = "cos", ("x",), "cos({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return -g * xp.sin(x)


class Tan(Elementwise):
    """out = tan x.   dL/dx = g * (1 + out**2)."""

    name, inputs, c, promotes = "tan", ("x",), "tan({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * (1 + out * out)


class Arcsin(Elementwise):
    """out = the angle in [-pi/2, pi/2] whose sine is x.   dL/dx = g / sqrt(1 - x**2)."""

    name, inputs, c, promotes = "arcsin", ("x",), "asin({x})", "float"
    grad_name = "Asin"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.rsqrt(1 - x * x)


class Arccos(Elementwise):
    """out = the angle in [0, pi] whose cosine is x.   dL/dx = -g / sqrt(1 - x**2)."""

    name, inputs, c, promotes = "arccos", ("x",), "acos({x})", "float"
    grad_name = "Acos"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return -g * xp.rsqrt(1 - x * x)


class Arctan(Elementwise):
    """out = the angle in (-pi/2, pi/2) whose tangent is x.   dL/dx = g / (1 + x**2)."""

    name, inputs, c, promotes = "arctan", ("x",), "atan({x})", "float"
    grad_name = "Atan"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / (1 + x * x)


class Arctan2(Elementwise):
    """out = the angle of the point (y, x).   dL/dy = g * x / r**2,   dL/dx = -g * y / r**2.

    r**2 = x**2 + y**2; at the origin both gradients are 0.
    """

    name, inputs, c, promotes = "arctan2", ("y", "x"), "atan2({y}, {x})", "float"
    grad_name = "Atan2"

    @staticmethod
    def d_y(xp: Any, g: Array, y: Array, x: Array) -> Array:
        square = x * x + y * y
        return xp.mask(g * (x / square), square != 0)

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array, x: Array) -> Array:
        square = x * x + y * y
        return xp.mask(g * (-y / square), square != 0)


class Sinh(Elementwise):
    """out = sinh x.   dL/dx = g * cosh x."""

    name, inputs, c, promotes = "sinh", ("x",), "sinh({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.cosh(x)


class Cosh(Elementwise):
    """out = cosh x.   dL/dx = g * sinh x."""

    name, inputs, c, promotes = "cosh", ("x",), "cosh({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.sinh(x)


class Arcsinh(Elementwise):
    """out = the number whose sinh is x.   dL/dx = g / sqrt(x**2 + 1)."""

    name, inputs, c, promotes = "arcsinh", ("x",), "asinh({x})", "float"
    grad_name = "Asinh"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.rsqrt(x * x + 1)


class Arccosh(Elementwise):
    """out = the number >= 0 whose cosh is x.   dL/dx = g / sqrt(x**2 - 1)."""

    name, inputs, c, promotes = "arccosh", ("x",), "acosh({x})", "float"
    grad_name = "Acosh"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.rsqrt((x - 1) * (x + 1))


class Arctanh(Elementwise):
    """out = the number whose tanh is x.   dL/dx = g / (1 - x**2)."""

    name, inputs, c, promotes = "arctanh", ("x",), "atanh({x})", "float"
    grad_name = "Atanh"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / (1 - x * x)


class Sinc(Elementwise):
    """out = sin(pi x) / (pi x), 1 at 0.   dL/dx = g * (cos(pi x) - out) / x, 0 at 0."""

    name, inputs, promotes = "sinc", ("x",), "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        pi = 3.141592653589793
        slope = (xp.cos(x * pi) - out) / x
        return g * xp.mask(slope, x != 0)
