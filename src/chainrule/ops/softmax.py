"""Softmax and its logarithm, stable for inputs of any size."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Op
from chainrule.spec import Spec

Array = Any


class Softmax(Op):
    """out = e**x / (sum of e**x along `axis`).   dL/dx = out * (g - sum(g * out))."""

    name, inputs, grad_name = "softmax", ("x",), "Softmax"

    @staticmethod
    def spec(x: Spec, *, axis: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array, *, axis: int) -> Array:
        p = g * out
        return p - out * xp.sum(p, axis=(axis,), keepdims=True)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        return cls.d_x(xp, ts[0], values[1], axis=axis)  # the Jacobian is symmetric


class LogSoftmax(Op):
    """out = x - ln(sum of e**x along `axis`).   dL/dx = g - e**out * sum(g)."""

    name, inputs, grad_name = "log_softmax", ("x",), "LogSoftmax"

    @staticmethod
    def spec(x: Spec, *, axis: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array, *, axis: int) -> Array:
        return g - xp.exp(out) * xp.sum(g, axis=(axis,), keepdims=True)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        (t,), out = ts, values[1]
        return t - xp.sum(t * xp.exp(out), axis=(axis,), keepdims=True)
