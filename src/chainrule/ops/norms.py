"""Distances that BLAS computes."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.ops.base import Op
from chainrule.spec import Spec

Array = Any


class Euclidean(Op):
    """out_ij = |x_i - y_j|, the distances of the rows of x from those of y.

    With w = g / out, and 0 between equal rows: dL/dx_i = x_i (sum_j w_ij) - sum_j w_ij y_j, and
    the same for y.  `product` computes |x|² + |y|² - 2 x·y, which rounds more and is faster.
    """

    name, inputs, promotes = "euclidean", ("x", "y"), "same"
    grad_name = "Cdist"

    @staticmethod
    def spec(x: Spec, y: Spec, *, product: bool) -> Spec:
        batch = specs.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return Spec((*batch, x.shape[-2], y.shape[-2]), specs.promote(x.dtype, y.dtype))

    @staticmethod
    def vjp(
        xp: Any,
        g: Array,
        needed: tuple[bool, ...],
        x: Array,
        y: Array,
        out: Array,
        *,
        product: bool,
    ) -> tuple[Array | None, ...]:
        equal = out == 0
        w = xp.where(equal, xp.zeros_like(g), g)
        w = w / xp.where(equal, xp.ones_like(out), out)
        return (
            x * xp.sum(w, axis=(w.ndim - 1,), keepdims=True) - xp.matmul(w, y)
            if needed[0]
            else None,
            transposed(xp, w, x, y) if needed[1] else None,
        )


def transposed(xp: Any, w: Array, x: Array, y: Array) -> Array:
    """The gradient of y: that of x with the roles exchanged."""
    w = xp.swapaxes(w, axis1=w.ndim - 2, axis2=w.ndim - 1)
    return y * xp.sum(w, axis=(w.ndim - 1,), keepdims=True) - xp.matmul(w, x)
