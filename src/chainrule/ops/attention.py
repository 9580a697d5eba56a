"""Attention as one primitive: its scores, probabilities and products share one backward pass."""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Op
from chainrule.ops.linalg import transpose
from chainrule.spec import Spec

Array = Any


class Attend(Op):
    """p = softmax(scale * q k' + mask),  out = p v, over stacks of matrices.

    With dp = g v' and ds = p * (dp - sum(dp * p)):  dL/dq = scale * ds k,  dL/dk = scale * ds' q,
    dL/dv = p' g,  dL/dmask = ds.  A query that may see nothing has p = 0.
    `mask` is booleans (what may be seen), numbers to add, or left out; `causal` hides later keys.
    Source: Vaswani et al. 2017.
    """

    name, inputs, outputs = "attend", ("q", "k", "v", "mask"), ("out", "p")
    grad_name = "ScaledDotProductFlashAttentionForCpu"

    @staticmethod
    def spec(
        q: Spec, k: Spec, v: Spec, mask: Spec | None = None, *, scale: float, causal: bool
    ) -> Any:
        if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
            raise ShapeError(
                "the scores or their values cannot be multiplied: query and key must have the "
                "same last axis, key and value the same number of rows; their shapes are "
                f"{q.shape}, {k.shape} and {v.shape}"
            )
        batch = specs.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
        scores = (*batch, q.shape[-2], k.shape[-2])
        if mask is not None:
            scores = specs.broadcast_shapes(scores, mask.shape)
        out = (*scores[:-1], v.shape[-1])
        return Spec(out, q.dtype), Spec(scores, q.dtype)

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], q: Array, k: Array, v: Array, p: Array, *,
        scale: float, causal: bool,
    ) -> Any:  # fmt: skip
        g_out, g_p = g
        grads: list[Any] = [None] * len(needed)
        if needed[2] and g_out is not None:
            grads[2] = xp.matmul(transpose(xp, p), g_out)
        dp = g_p
        if g_out is not None:
            through = xp.matmul(g_out, transpose(xp, v))
            dp = through if dp is None else dp + through
        ds = xp.softmax_grad(dp, p)
        if needed[0]:
            grads[0] = xp.matmul(ds, k * scale)
        if needed[1]:
            grads[1] = xp.matmul(transpose(xp, ds), q * scale)
        if len(needed) > 3 and needed[3]:
            grads[3] = ds
        return tuple(grads)


class SoftmaxGrad(Op):
    """out = y * (x - sum(x * y)) along the last axis: the rule of softmax, in one pass.

    dL/dx = y * (g - sum(g * y)),   dL/dy = g * (x - sum(x * y)) - x * sum(g * y).
    """

    name, inputs, grad_name = "softmax_grad", ("x", "y"), "SoftmaxBackwardData"

    @staticmethod
    def spec(x: Spec, y: Spec) -> Spec:
        return y

    @staticmethod
    def d_x(xp: Any, g: Array, y: Array) -> Array:
        return xp.softmax_grad(g, y)

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        last = (y.ndim - 1,)
        own = x - xp.sum(x * y, axis=last, keepdims=True)
        return g * own - x * xp.sum(g * y, axis=last, keepdims=True)
