"""Reductions: sum, maximum and their kin."""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Linear, Reduction, unreduce

Array = Any


class Sum(Linear, Reduction):
    """out = sum of x along `axis`.   dL/dx = g, repeated along `axis`."""

    name, inputs = "sum", ("x",)
    c_init, c_step = "0", "{acc} + {x}"

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Any, *, axis: tuple[int, ...], keepdims: bool) -> Array:
        return xp.broadcast_to(unreduce(xp, g, x_spec.shape, axis), shape=x_spec.shape)


class Amax(Reduction):
    """out = the largest x along `axis`.   dL/dx = g * share.

    `share` splits each output's gradient equally among the elements that attain it (torch.amax),
    and both modes use it, so <u, J t> = <J' u, t> also holds at ties.  NaN propagates.
    """

    name, inputs = "amax", ("x",)
    c_init, c_step = "-INFINITY", "({x} > {acc} || {x} != {x}) ? {x} : {acc}"

    @staticmethod
    def share(xp: Any, x: Array, out: Array, axis: tuple[int, ...]) -> Array:
        hit = xp.astype(x == unreduce(xp, out, x.shape, axis), dtype=x.dtype)
        return hit / xp.sum(hit, axis=axis, keepdims=True)

    @staticmethod
    def d_x(
        xp: Any, g: Array, x: Array, out: Array, *, axis: tuple[int, ...], keepdims: bool
    ) -> Array:
        return unreduce(xp, g, x.shape, axis) * Amax.share(xp, x, out, axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: tuple[int, ...], keepdims: bool) -> Array:
        (t,), (x, out) = ts, values[:2]
        return xp.sum(t * Amax.share(xp, x, out, axis), axis=axis, keepdims=keepdims)
