"""Linear algebra on stacks of matrices."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Bilinear
from chainrule.spec import Spec

Array = Any


class MatMul(Bilinear):
    """out = x @ y for stacks (..., n, k) @ (..., k, m).   dL/dx = g y',   dL/dy = x' g.

    Vectors become matrices in the public `matmul`; broadcast batch axes are summed by the engine.
    """

    name, inputs = "matmul", ("x", "y")  # c is None: BLAS, a fusion boundary
    grad_name = "Mm"

    @staticmethod
    def spec(x: Spec, y: Spec) -> Spec:
        if x.shape[-1] != y.shape[-2]:
            raise ShapeError(
                "the last axis of x must equal the second-to-last axis of y; "
                f"they are {x.shape[-1]} and {y.shape[-2]}",
                fix="Transpose one of them, as in x @ y.T.",
            )
        batch = specs.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return Spec((*batch, x.shape[-2], y.shape[-1]), specs.promote(x.dtype, y.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return xp.matmul(g, xp.swapaxes(y, axis1=-1, axis2=-2))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array) -> Array:
        return xp.matmul(xp.swapaxes(x, axis1=-1, axis2=-2), g)
