"""The nonlinearities of neural networks that are primitives of their own."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise, Op
from chainrule.spec import Spec

Array = Any


class Sigmoid(Elementwise):
    """out = 1 / (1 + e**-x).   dL/dx = g * out * (1 - out)."""

    name, inputs, c, promotes = "sigmoid", ("x",), "1 / (1 + exp(-{x}))", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return xp.sigmoid_grad(g, out)


class SigmoidGrad(Elementwise):
    """out = x * y * (1 - y), the gradient of sigmoid in one pass.   Linear in x.

    dL/dx = g * y * (1 - y),   dL/dy = g * x * (1 - 2 y).
    """

    name, inputs, c = "sigmoid_grad", ("x", "y"), "{x} * {y} * (1 - {y})"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return xp.sigmoid_grad(g, y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * x * (1 - 2 * y)


class Tanh(Elementwise):
    """out = tanh x.   dL/dx = g * (1 - out**2)."""

    name, inputs, c, promotes = "tanh", ("x",), "tanh({x})", "float"

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return xp.tanh_grad(g, out)


class TanhGrad(Elementwise):
    """out = x * (1 - y**2), the gradient of tanh in one pass.   Linear in x.

    dL/dx = g * (1 - y**2),   dL/dy = -2 * g * x * y.
    """

    name, inputs, c = "tanh_grad", ("x", "y"), "{x} * (1 - {y} * {y})"

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return xp.tanh_grad(g, y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * x * y * -2


class Relu(Elementwise):
    """out = max(x, 0).   dL/dx = g where out > 0, else 0; NaN passes both ways."""

    name, inputs, c = "relu", ("x",), "{x} > 0 ? {x} : ({x} != {x} ? {x} : 0)"
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return xp.mask(g, out != 0)  # out is positive, zero or NaN


class LeakyRelu(Elementwise):
    """out = x where x > 0, else slope * x.   dL/dx = g where x > 0, else slope * g."""

    name, inputs, promotes = "leaky_relu", ("x",), None
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, slope: float) -> Array:
        return xp.where(x > 0, g, g * slope)


class PRelu(Elementwise):
    """out = x where x > 0, else w * x.   dL/dx = g or w * g,   dL/dw = 0 or x * g."""

    name, inputs, promotes, grad_name = "prelu", ("x", "weight"), None, "PreluKernel"
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, weight: Array) -> Array:
        return xp.where(x > 0, g, g * weight)

    @staticmethod
    def d_weight(xp: Any, g: Array, x: Array) -> Array:
        return xp.where(x > 0, xp.zeros_like(g), g * x)


class Elu(Elementwise):
    """out = scale * x where x > 0, else scale * alpha * (e**(inner * x) - 1).

    dL/dx = g * scale, or g * inner * (out + scale * alpha).  ELU, SELU and CELU are this with
    different constants.
    """

    name, inputs, promotes = "elu", ("x",), None

    @staticmethod
    def d_x(
        xp: Any, g: Array, x: Array, out: Array, *, alpha: float, scale: float, inner: float
    ) -> Array:
        return xp.where(x > 0, g * scale, g * ((out + scale * alpha) * inner))


class Gelu(Op):
    """out = x * P with P = P(N(0, 1) <= x);  slope = P + x * density(x).   dL/dx = g * slope.

    The slope is an output, for it shares the exponential with out; its own derivative is
    density(x) * (2 - x**2).
    """

    name, inputs, outputs = "gelu", ("x",), ("out", "slope")

    @staticmethod
    def spec(x: Spec) -> Any:
        return x, x

    @staticmethod
    def vjp(xp: Any, g: Any, needed: Any, x: Array, slope: Array) -> Any:
        g_out, g_slope = g
        total = None if g_out is None else g_out * slope
        if g_slope is not None:
            square = x * x
            density = xp.exp(square * -0.5) * 0.3989422804014327
            part = g_slope * (density * (2 - square))
            total = part if total is None else total + part
        return (total,)


class GeluTanh(Op):
    """out = x * (1 + t) / 2 with t = tanh u, u = sqrt(2/pi) * (x + 0.044715 * x**3).

    With s = du/dx:  slope = ((1 + t) + x * (1 - t**2) * s) / 2,   dL/dx = g * slope, and
    dslope/dx = (1 - t**2) * (s + x * (ds/dx - 2 t s**2) / 2).
    """

    name, inputs, outputs = "gelu_tanh", ("x",), ("out", "slope")
    grad_name = "Gelu"

    @staticmethod
    def spec(x: Spec) -> Any:
        return x, x

    @staticmethod
    def vjp(xp: Any, g: Any, needed: Any, x: Array, slope: Array) -> Any:
        g_out, g_slope = g
        total = None if g_out is None else g_out * slope
        if g_slope is not None:
            square = x * x
            t = xp.tanh(x * (square * 0.035677408136300125 + 0.7978845608028654))
            s = square * 0.10703222440890037 + 0.7978845608028654
            bend = (1 - t * t) * (s + x * (x * 0.10703222440890037 - t * s * s))
            part = g_slope * bend
            total = part if total is None else total + part
        return (total,)


class Silu(Elementwise):
    """out = x * s with s = sigmoid(x).   dL/dx = g * s * (1 + x * (1 - s))."""

    name, inputs, promotes = "silu", ("x",), None

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        s = xp.sigmoid(x)
        return g * (s * (x * (1 - s) + 1))


class Mish(Elementwise):
    """out = x * t with t = tanh(softplus(x)).   dL/dx = g * (t + x * (1 - t*t) * sigmoid(x))."""

    name, inputs, promotes = "mish", ("x",), None

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        t = xp.tanh(xp.softplus(x, beta=1.0, threshold=20.0))
        return g * (t + x * xp.sigmoid(x) * (1 - t * t))


class Softplus(Elementwise):
    """out = ln(1 + e**(beta x)) / beta, or x above `threshold`.   dL/dx = g * sigmoid(beta x)."""

    name, inputs, promotes = "softplus", ("x",), None

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, beta: float, threshold: float) -> Array:
        scaled = x * beta
        return xp.where(scaled > threshold, g, g * xp.sigmoid(scaled))


class LogSigmoid(Elementwise):
    """out = ln sigmoid(x) = -softplus(-x).   dL/dx = g * sigmoid(-x)."""

    name, inputs, promotes = "logsigmoid", ("x",), None
    grad_name = "LogSigmoid"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.sigmoid(-x)


class HardTanh(Elementwise):
    """out = x kept within [low, high].   dL/dx = g where low < x < high, else 0."""

    name, inputs, promotes, grad_name = "hardtanh", ("x",), None, "Hardtanh"
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, low: float, high: float) -> Array:
        return xp.where(xp.logical_and(x > low, x < high), g, xp.zeros_like(g))


class HardSigmoid(Elementwise):
    """out = x / 6 + 1/2 kept within [0, 1].   dL/dx = g / 6 where -3 < x < 3, else 0."""

    name, inputs, promotes = "hardsigmoid", ("x",), None
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return xp.where(xp.logical_and(x > -3, x < 3), g / 6, xp.zeros_like(g))


class HardSwish(Elementwise):
    """out = x * hardsigmoid(x).   dL/dx = 0 up to -3, g from 3, g * (x / 3 + 1/2) between."""

    name, inputs, promotes, grad_name = "hardswish", ("x",), None, "Hardswish"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        inside = xp.where(x < 3, g * (x / 3 + 0.5), g)
        return xp.where(x <= -3, xp.zeros_like(g), inside)


class HardShrink(Elementwise):
    """out = x where |x| > bound, else 0.   dL/dx = g there, else 0."""

    name, inputs, promotes = "hardshrink", ("x",), None
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, bound: float) -> Array:
        inside = xp.logical_and(x >= -bound, x <= bound)
        return xp.where(inside, xp.zeros_like(g), g)


class SoftShrink(Elementwise):
    """out = x moved towards 0 by `bound`, 0 within it.   dL/dx = g outside, else 0."""

    name, inputs, promotes = "softshrink", ("x",), None
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, bound: float) -> Array:
        inside = xp.logical_and(x >= -bound, x <= bound)
        return xp.where(inside, xp.zeros_like(g), g)


class Threshold(Elementwise):
    """out = x where x > bound, else value.   dL/dx = g there, else 0."""

    name, inputs, promotes = "threshold", ("x",), None
    entangled = True

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, bound: float, value: float) -> Array:
        return xp.where(x > bound, g, xp.zeros_like(g))
