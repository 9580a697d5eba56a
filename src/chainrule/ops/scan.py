"""Scans: running sums, products, extremes, and the linear recurrence behind their gradients."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.ops.base import Linear, Op
from chainrule.ops.reduction import flipped, shifted
from chainrule.spec import Spec

Array = Any


class Scan(Op):
    """An output for every element of x, from those up to it along one axis."""

    @classmethod
    def spec(cls, x: Spec, *, axis: int) -> Spec:
        return x


class CumSum(Linear, Scan):
    """out_k = x_0 + ... + x_k.   dL/dx = the running sum of g from the other end."""

    name, inputs, grad_name = "cumsum", ("x",), "Cumsum"

    @classmethod
    def spec(cls, x: Spec, *, axis: int) -> Spec:
        return x if specs.is_inexact(x.dtype) else Spec(x.shape, specs.INT64)

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis: int) -> Array:
        return flipped(xp, xp.cumsum(flipped(xp, g, axis), axis=axis), axis)


class CumProd(Scan):
    """out_k = x_0 * ... * x_k.   dL/dx_k = out_{k-1} * s_k,   s_k = g_k + x_{k+1} s_{k+1}.

    Nothing is divided, so zeros need no special case, in derivatives of any order.
    """

    name, inputs, grad_name = "cumprod", ("x",), "Cumprod"

    @classmethod
    def spec(cls, x: Spec, *, axis: int) -> Spec:
        return x if specs.is_inexact(x.dtype) else Spec(x.shape, specs.INT64)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, axis: int) -> Array:
        return shifted(xp, out, axis, 1.0) * backwards(xp, x, g, axis)


class LinearRecurrence(Op):
    """out_k = a_k out_{k-1} + b_k, starting from 0.

    dL/db_k = s_k = g_k + a_{k+1} s_{k+1}: the same recurrence from the other end.
    dL/da_k = s_k out_{k-1}.
    """

    name, inputs = "linear_recurrence", ("a", "b")

    @staticmethod
    def spec(a: Spec, b: Spec, *, axis: int) -> Spec:
        return b

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: tuple[bool, ...], a: Array, out: Array, *, axis: int
    ) -> tuple[Array | None, ...]:
        s = backwards(xp, a, g, axis)
        return s * shifted(xp, out, axis, 0.0) if needed[0] else None, s


class LogCumSumExp(Scan):
    """out_k = ln(e**x_0 + ... + e**x_k).   dL/dx_k = e**(x_k - out_k) s_k, with

    s_k = g_k + e**(out_k - out_{k+1}) s_{k+1}: every factor is at most 1.
    """

    name, inputs, promotes = "logcumsumexp", ("x",), "float"
    grad_name = "Logcumsumexp"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array, *, axis: int) -> Array:
        floor = xp.where(out == -float("inf"), xp.zeros_like(out), out)
        rise = xp.exp(shifted(xp, out, axis, -float("inf")) - floor)
        return xp.exp(x - floor) * backwards(xp, rise, g, axis)


class CumMaxIndex(Scan):
    """out_k = where the largest of x_0 ... x_k is; the last of equal ones."""

    name, inputs, differentiable = "cummax_index", ("x",), False

    @classmethod
    def spec(cls, x: Spec, *, axis: int) -> Spec:
        return Spec(x.shape, specs.INT64)


class CumMinIndex(Scan):
    """out_k = where the smallest of x_0 ... x_k is; the last of equal ones."""

    name, inputs, differentiable = "cummin_index", ("x",), False

    @classmethod
    def spec(cls, x: Spec, *, axis: int) -> Spec:
        return Spec(x.shape, specs.INT64)


def backwards(xp: Any, a: Array, b: Array, axis: int) -> Array:
    """s_k = b_k + a_{k+1} s_{k+1}, from the last element to the first."""
    factor = shifted(xp, flipped(xp, a, axis), axis, 0.0)
    return flipped(xp, xp.linear_recurrence(factor, flipped(xp, b, axis), axis=axis), axis)
