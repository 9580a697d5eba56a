"""Losses that are primitives for speed or accuracy; the others are composed in `nn.functional`."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise, Linear, Op
from chainrule.spec import Spec

Array = Any


class CrossEntropy(Op):
    """out = scale * coefficient * -ln(probability of the target class), for logits x (N, C).

    With p = softmax(x):  dL/dx = g * scale * coefficient * (p - one_hot(target)).
    `coefficient` is one constant per row (class weight, 0 for ignored rows) or left out; `mean`
    sums the rows.
    """

    name, inputs = "cross_entropy", ("x", "target", "coefficient")
    outputs, constant = ("out", "p"), ("target", "coefficient")
    grad_name = "NllLoss"

    @staticmethod
    def spec(
        x: Spec, target: Spec, coefficient: Spec | None = None, *, scale: float, total: bool
    ) -> Any:
        return Spec(() if total else target.shape, x.dtype), x

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], target: Array, coefficient: Array, p: Array,
        *, scale: float, total: bool,
    ) -> Any:  # fmt: skip
        g_out, g_p = g
        result = None
        if g_out is not None:
            rows = g_out * scale if scale != 1 else g_out
            if coefficient is not None:  # an ignored row has gradient 0, if the mean is nan too
                rows = xp.mask(rows * coefficient, coefficient != 0)
            result = xp.minus_one_hot(p, rows, target)
        if g_p is not None:
            inner = p * (g_p - xp.sum(g_p * p, axis=(1,), keepdims=True))
            result = inner if result is None else result + inner
        return (result, *(None,) * (len(needed) - 1))


class MinusOneHot(Op):
    """out = rows * (x - one_hot(target)) for x (N, C), rows (N,) or 0-d, target (N,).

    dL/dx = rows * g,   dL/drows = sum(g * x) - g at target.
    """

    name, inputs, constant = "minus_one_hot", ("x", "rows", "target"), ("target",)

    @staticmethod
    def spec(x: Spec, rows: Spec, target: Spec) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, rows: Array) -> Array:
        return g * (xp.reshape(rows, shape=(rows.shape[0], 1)) if rows.ndim else rows)

    @staticmethod
    def d_rows(xp: Any, g: Array, x: Array, target: Array) -> Array:
        return xp.sum(g * x, axis=(1,), keepdims=False) - xp.class_pick(g, target)


class ClassPick(Linear):
    """out[i] = x[i, target[i]].   dL/dx = g there, else 0."""

    name, inputs, constant = "class_pick", ("x", "target"), ("target",)
    entangled = True

    @staticmethod
    def spec(x: Spec, target: Spec) -> Spec:
        return Spec(target.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, target: Array, x_spec: Spec) -> Array:
        return xp.class_put(g, target, classes=x_spec.shape[1])

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any) -> Array:
        return xp.class_pick(ts[0], values[1])


class ClassPut(Linear):
    """out[i, target[i]] = x[i], else 0: the transpose of `class_pick`."""

    name, inputs, constant = "class_put", ("x", "target"), ("target",)

    @staticmethod
    def spec(x: Spec, target: Spec, *, classes: int) -> Spec:
        return Spec((*x.shape, classes), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, target: Array, *, classes: int) -> Array:
        return xp.class_pick(g, target)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, classes: int) -> Array:
        return xp.class_put(ts[0], values[1], classes=classes)


class SquaredError(Elementwise):
    """out = (x - y)**2.   dL/dx = 2 g (x - y),   dL/dy = -dL/dx."""

    name, inputs = "squared_error", ("x", "y")
    grad_name = "MseLoss"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return (x - y) * (g * 2)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return (y - x) * (g * 2)


class LogisticLoss(Elementwise):
    """out = ln(1 + e**x) - x * y, the cross entropy of sigmoid(x) against y, without overflow.

    dL/dx = g * (sigmoid(x) - y),   dL/dy = -g * x.
    """

    name, inputs = "logistic_loss", ("x", "y")
    grad_name = "BinaryCrossEntropyWithLogits"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * (xp.sigmoid(x) - y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array) -> Array:
        return -g * x


class BinaryCrossEntropy(Elementwise):
    """out = -y ln x - (1 - y) ln(1 - x), logarithms not below -100.

    dL/dx = g * (x - y) / max(x (1 - x), 1e-12),   dL/dy = g * (ln(1 - x) - ln x).
    """

    name, inputs = "binary_cross_entropy", ("x", "y")

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        product = x * (1 - x)
        return g * (x - y) / xp.where(product > 1e-12, product, xp.zeros_like(product) + 1e-12)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array) -> Array:
        return g * (xp.log(1 - x) - xp.log(x))


class HuberError(Elementwise):
    """out = d*d/2 where |d| < delta, else delta * (|d| - delta/2), with d = x - y; times `scale`.

    dL/dx = g * d, kept within [-delta, delta].
    """

    name, inputs = "huber_error", ("x", "y")
    grad_name = "HuberLoss"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array, *, delta: float, scale: float) -> Array:
        d = x - y
        limit = xp.sign(d) * delta
        return g * (xp.where(xp.absolute(d) < delta, d, limit) * scale)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array, *, delta: float, scale: float) -> Array:
        return HuberError.d_x(xp, g, y, x, delta=delta, scale=scale)


class XLogX(Elementwise):
    """out = x * ln x, 0 at 0.   dL/dx = g * (ln x + 1), 0 at 0."""

    name, inputs = "xlogx", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        inside = xp.where(x == 0, xp.zeros_like(x) + 1, x)
        return xp.where(x == 0, xp.zeros_like(g), g * (xp.log(inside) + 1))
