"""Normalisation: shift to mean 0 and scale to variance 1 over some axes, then an affine map.

One primitive serves batch, layer, group and instance norm: the axes differ, and the shapes that
weight and bias broadcast from.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.ops.base import Op, is_array
from chainrule.spec import Spec

Array = Any


def dot(xp: Any, x: Array, y: Array, axis: tuple[int, ...]) -> Array:
    """The sum of x * y over `axis`, kept at size 1."""
    return xp.sum(x * y, axis=axis, keepdims=True)


def affine_axes(x: Array, weight: Array) -> tuple[int, ...]:
    """The axes of x along which `weight` is repeated."""
    lead = x.ndim - weight.ndim
    return tuple(i for i in range(x.ndim) if i < lead or weight.shape[i - lead] == 1)


class Standardize(Op):
    """out = n * weight + bias with n = (x - mean) * rstd, rstd = 1 / sqrt(variance + eps).

    With u = g * weight and averages over `axis`:  dL/dx = rstd * (u - avg u - n * avg(u * n)),
    dL/dweight = g * n and dL/dbias = g, summed to their shapes.  Source: Ioffe and Szegedy 2015.
    """

    name, inputs, outputs = "standardize", ("x", "weight", "bias"), ("out", "mean", "rstd")
    grad_name, entangled = "NativeLayerNorm", True

    @staticmethod
    def spec(
        x: Spec, weight: Spec | None = None, bias: Spec | None = None, *,
        axis: tuple[int, ...], eps: float,
    ) -> Any:  # fmt: skip
        for part in (weight, bias):
            if part is not None:
                specs.broadcast_shapes(x.shape, part.shape)
        kept = Spec(specs.reduced_shape(x.shape, axis, True), x.dtype)
        return x, kept, kept

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], x: Array, weight: Array, mean: Array,
        rstd: Array, *, axis: tuple[int, ...], eps: float,
    ) -> Any:  # fmt: skip
        g_out, g_mean, g_rstd = g
        number = specs.size_of([x.shape[a] for a in axis])
        grads: list[Any] = [None] * len(needed)
        if is_array(g_out) and is_array(x) and g_mean is None and g_rstd is None:
            fused = xp.standardize_grad(g_out, x, weight, mean, rstd, axis=axis, needs_x=needed[0])
            if fused is not None and (weight is None or weight.size == fused[1].size):
                grads[0] = fused[0]
                for i in range(1, len(needed)):
                    grads[i] = xp.reshape(fused[i], shape=tuple(weight.shape))
                return tuple(grads)
        n = (x - mean) * rstd
        if needed[0]:
            total = None
            if g_out is not None:
                u = g_out if weight is None else g_out * weight
                average = xp.sum(u, axis=axis, keepdims=True) / number
                along = dot(xp, u, n, axis) / number
                total = (u - average - n * along) * rstd
            if g_rstd is not None:
                part = n * (g_rstd * rstd * rstd * (-1 / max(number, 1)))
                total = part if total is None else total + part
            if g_mean is not None:
                part = xp.broadcast_to(g_mean / number, shape=tuple(x.shape))
                total = part if total is None else total + part
            grads[0] = total
        if len(needed) > 1 and needed[1] and g_out is not None:
            axes = affine_axes(x, weight)
            grads[1] = xp.reshape(dot(xp, g_out, n, axes), shape=tuple(weight.shape))
        if len(needed) > 2 and needed[2]:
            grads[2] = g_out  # the engine sums it
        return tuple(grads)


class StandardizeRms(Op):
    """out = x * rstd * weight with rstd = 1 / sqrt(avg(x**2) + eps) over `axis`.

    With u = g * weight and n = x * rstd:  dL/dx = rstd * (u - n * avg(u * n)).
    Source: Zhang and Sennrich 2019.
    """

    name, inputs, outputs = "standardize_rms", ("x", "weight"), ("out", "rstd")
    entangled = True
    grad_name = "FusedRmsNorm"

    @staticmethod
    def spec(x: Spec, weight: Spec | None = None, *, axis: tuple[int, ...], eps: float) -> Any:
        return x, Spec(specs.reduced_shape(x.shape, axis, True), x.dtype)

    @staticmethod
    def vjp(
        xp: Any, g: Any, needed: tuple[bool, ...], x: Array, weight: Array, rstd: Array, *,
        axis: tuple[int, ...], eps: float,
    ) -> Any:  # fmt: skip
        g_out, g_rstd = g
        number = specs.size_of([x.shape[a] for a in axis])
        n = x * rstd
        grads: list[Any] = [None] * len(needed)
        if needed[0]:
            total = None
            if g_out is not None:
                u = g_out if weight is None else g_out * weight
                total = (u - n * (dot(xp, u, n, axis) / number)) * rstd
            if g_rstd is not None:
                part = n * (g_rstd * rstd * rstd * (-1 / max(number, 1)))
                total = part if total is None else total + part
            grads[0] = total
        if len(needed) > 1 and needed[1] and g_out is not None:
            axes = affine_axes(x, weight)
            grads[1] = xp.reshape(dot(xp, g_out, n, axes), shape=tuple(weight.shape))
        return tuple(grads)


class StandardizeBy(Op):
    """out = (x - mean) * rstd * weight + bias for constant mean and rstd: batch norm in evaluation.

    dL/dx = g * rstd * weight,   dL/dweight = g * (x - mean) * rstd,   dL/dbias = g, summed.
    """

    name, inputs = "standardize_by", ("x", "mean", "rstd", "weight", "bias")
    constant, entangled, grad_name = ("mean", "rstd"), True, "NativeBatchNorm"

    @staticmethod
    def spec(
        x: Spec, mean: Spec, rstd: Spec, weight: Spec | None = None, bias: Spec | None = None
    ) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, rstd: Array, weight: Array) -> Array:
        return g * (rstd if weight is None else rstd * weight)

    @staticmethod
    def d_weight(xp: Any, g: Array, x: Array, mean: Array, rstd: Array, weight: Array) -> Array:
        total = dot(xp, g, (x - mean) * rstd, affine_axes(x, weight))
        return xp.reshape(total, shape=tuple(weight.shape))

    @staticmethod
    def d_bias(xp: Any, g: Array) -> Array:
        return g
