"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise

Array = Any


class Exp(Elementwise):
    """out = e**x.   dL/dx = g * out."""

    name, inputs, c, promotes = "exp", ("x",), "exp({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * out


class Log(Elementwise):
    """out = ln x.   dL/dx = g / x."""

    name, inputs, c, promotes = "log", ("x",), "log({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / x


class Sqrt(Elementwise):
    """out = the square root of x.   dL/dx = g / (2 * out)."""

    name, inputs, c, promotes = "sqrt", ("x",), "sqrt({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g / (2 * out)


class Power(Elementwise):
    """out = x**y.   dL/dx = g * y * x**(y-1),   dL/dy = g * out * ln x.

    Where y = 0 the gradient of x is 0, and where x = 0 and y >= 0 that of y is 0, as in torch.
    """

    name, inputs, c = "power", ("x", "y"), "pow({x}, {y})"
    grad_name = "Pow"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return xp.where(y == 0, xp.zeros_like(g), g * (y * xp.power(x, y - 1)))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array, out: Array) -> Array:
        flat = xp.logical_and(x == 0, y >= 0)
        return xp.where(flat, xp.zeros_like(g), g * (out * xp.log(x)))
