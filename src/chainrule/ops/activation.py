"""The nonlinearities of neural networks that are primitives of their own."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise

Array = Any


class Sigmoid(Elementwise):
    """out = 1 / (1 + e**-x).   dL/dx = g * out * (1 - out)."""

    name, inputs, c, promotes = "sigmoid", ("x",), "1 / (1 + exp(-{x}))", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * ((1 - out) * out)


class Tanh(Elementwise):
    """out = tanh x.   dL/dx = g * (1 - out**2)."""

    name, inputs, c, promotes = "tanh", ("x",), "tanh({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * (1 - out * out)


class Relu(Elementwise):
    """out = max(x, 0).   dL/dx = g where out > 0, else 0; NaN passes forward as it is."""

    name, inputs, c = "relu", ("x",), "{x} > 0 ? {x} : ({x} != {x} ? {x} : 0)"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * (out > 0)
