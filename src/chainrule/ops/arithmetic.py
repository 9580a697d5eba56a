"""Addition, multiplication and their kin: elementwise ops whose rules use operators only."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise

Array = Any


class Add(Elementwise):
    """out = x + y.   dL/dx = g,   dL/dy = g.   The lectures' distributor."""

    name, inputs, c = "add", ("x", "y"), "{x} + {y}"

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array) -> Array:
        return g


class Subtract(Elementwise):
    """out = x - y.   dL/dx = g,   dL/dy = -g."""

    name, inputs, c = "subtract", ("x", "y"), "{x} - {y}"
    grad_name = "Sub"

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return g

    @staticmethod
    def d_y(xp: Any, g: Array) -> Array:
        return -g


class Multiply(Elementwise):
    """out = x * y.   dL/dx = g * y,   dL/dy = g * x.   The lectures' swap multiplier."""

    name, inputs, c = "multiply", ("x", "y"), "{x} * {y}"
    grad_name = "Mul"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return g * y

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array) -> Array:
        return g * x


class Divide(Elementwise):
    """out = x / y.   dL/dx = g / y,   dL/dy = -g * out / y."""

    name, inputs, c = "divide", ("x", "y"), "{x} / {y}"
    promotes, grad_name = "float", "Div"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return g / y

    @staticmethod
    def d_y(xp: Any, g: Array, y: Array, out: Array) -> Array:
        return -g * (out / y)


class Negative(Elementwise):
    """out = -x.   dL/dx = -g."""

    name, inputs, c = "negative", ("x",), "-{x}"
    grad_name = "Neg"

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return -g


class Absolute(Elementwise):
    """out = |x|.   dL/dx = g * sign(x), which is 0 at 0."""

    name, inputs, c = "absolute", ("x",), "fabs({x})"
    grad_name = "Abs"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.sign(x)
