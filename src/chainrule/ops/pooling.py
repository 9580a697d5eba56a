"""Pooling: the largest or the average element of windows that slide over the last axes.

Max pooling and its gradient go through codes, the winner's position in its window, which are
integers without gradient; `window_place` and `window_select` are linear and each other's
transpose, so all orders of derivatives work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import windows
from chainrule.ops.base import Linear, Op
from chainrule.spec import INT64, Shape, Spec

Array = Any


def pooled(x: Spec, how: dict[str, Any]) -> Shape:
    rank = len(how["kernel"])
    dilation = how.get("dilation", (1,) * rank)
    size = windows.pool_size(
        x.shape[-rank:], how["kernel"], how["stride"], how["padding"], dilation, how["ceil"]
    )
    return (*x.shape[:-rank], *size)


class MaxPool(Op):
    """out = the largest element of each window.   dL/dx = g at the first of them, else 0."""

    name, inputs = "max_pool", ("x",)
    entangled = True
    grad_name = "MaxPool2DWithIndices"

    @staticmethod
    def spec(x: Spec, **how: Any) -> Spec:
        return Spec(pooled(x, how), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, ceil: bool, **how: Any) -> Array:
        codes = xp.max_pool_codes(x, ceil=ceil, **how)
        return xp.window_place(g, codes, size=x.shape[-len(how["kernel"]) :], **how)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, ceil: bool, **how: Any) -> Array:
        codes = xp.max_pool_codes(values[0], ceil=ceil, **how)
        return xp.window_select(ts[0], codes, **how)


class MaxPoolCodes(Op):
    """out = the position in each window of its first largest element."""

    name, inputs, differentiable = "max_pool_codes", ("x",), False

    @staticmethod
    def spec(x: Spec, **how: Any) -> Spec:
        dtype = np.uint8 if np.prod(how["kernel"]) < 255 else np.int32
        return Spec(pooled(x, how), np.dtype(dtype))


class WindowPlace(Linear):
    """out = zeros of `size` with each x added where its code says.   dL/dx = g from there."""

    name, inputs, constant = "window_place", ("x", "codes"), ("codes",)

    @staticmethod
    def spec(x: Spec, codes: Spec, *, size: Shape, **how: Any) -> Spec:
        return Spec((*x.shape[: -len(size)], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, codes: Array, *, size: Shape, **how: Any) -> Array:
        return xp.window_select(g, codes, **how)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return xp.window_place(ts[0], values[1], **how)


class WindowSelect(Linear):
    """out = from each window of x the element that its code says.   dL/dx = g placed there."""

    name, inputs, constant = "window_select", ("x", "codes"), ("codes",)

    @staticmethod
    def spec(x: Spec, codes: Spec, **how: Any) -> Spec:
        return Spec(codes.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, codes: Array, x_spec: Spec, **how: Any) -> Array:
        return xp.window_place(g, codes, size=x_spec.shape[-len(how["kernel"]) :], **how)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **how: Any) -> Array:
        return xp.window_select(ts[0], values[1], **how)


class AvgPool(Linear):
    """out = the average of each window.   dL/dx = the sum over windows of g / their size."""

    name, inputs = "avg_pool", ("x",)
    entangled = True
    grad_name = "AvgPool2D"

    @staticmethod
    def spec(x: Spec, **how: Any) -> Spec:
        return Spec(pooled(x, how), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, **how: Any) -> Array:
        return xp.avg_pool_grad(g, size=x_spec.shape[-len(how["kernel"]) :], **how)


class AvgPoolGrad(Linear):
    """out = each x spread evenly over its window: the transpose of `avg_pool`."""

    name, inputs = "avg_pool_grad", ("x",)

    @staticmethod
    def spec(x: Spec, *, size: Shape, **how: Any) -> Spec:
        return Spec((*x.shape[: -len(size)], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, *, size: Shape, **how: Any) -> Array:
        return xp.avg_pool(g, **how)


class AdaptiveAvgPool(Linear):
    """out = averages over `out` windows an axis that cover it.   dL/dx = g spread over them."""

    name, inputs = "adaptive_avg_pool", ("x",)
    entangled, grad_name = True, "AdaptiveAvgPool2D"

    @staticmethod
    def spec(x: Spec, *, out: Shape) -> Spec:
        return Spec((*x.shape[: -len(out)], *out), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, out: Shape) -> Array:
        return xp.adaptive_avg_pool_grad(g, size=x_spec.shape[-len(out) :])


class AdaptiveAvgPoolGrad(Linear):
    """out = each x spread evenly over its window: the transpose of `adaptive_avg_pool`."""

    name, inputs = "adaptive_avg_pool_grad", ("x",)

    @staticmethod
    def spec(x: Spec, *, size: Shape) -> Spec:
        return Spec((*x.shape[: -len(size)], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, size: Shape) -> Array:
        return xp.adaptive_avg_pool(g, out=x_spec.shape[-len(size) :])


class BestIn(Op):
    """out = the flat place of the largest element of windows given by their ends."""

    name, inputs, differentiable = "best_in", ("x",), False

    @staticmethod
    def spec(x: Spec, *, starts: tuple[Shape, ...], stops: tuple[Shape, ...]) -> Spec:
        return Spec((*x.shape[: -len(starts)], *map(len, starts)), INT64)


class PlaneGather(Linear):
    """out = from each image (last `rank` axes) of x the elements at flat places `index`."""

    name, inputs, constant = "plane_gather", ("x", "index"), ("index",)
    entangled = True
    grad_name = "MaxPool2DWithIndices"

    @staticmethod
    def spec(x: Spec, index: Spec, *, rank: int) -> Spec:
        return Spec(index.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, x_spec: Spec, *, rank: int) -> Array:
        return xp.plane_scatter(g, index, size=x_spec.shape[-rank:])

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, rank: int) -> Array:
        return xp.plane_gather(ts[0], values[1], rank=rank)


class PlaneScatter(Linear):
    """out = images of `size` with each x added at its flat place: the transpose of gathering."""

    name, inputs, constant = "plane_scatter", ("x", "index"), ("index",)

    @staticmethod
    def spec(x: Spec, index: Spec, *, size: Shape) -> Spec:
        return Spec((*x.shape[: -len(size)], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, *, size: Shape) -> Array:
        return xp.plane_gather(g, index, rank=len(size))

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, size: Shape) -> Array:
        return xp.plane_scatter(ts[0], values[1], size=size)


class PlaneAssign(Op):
    """out = images of `size` with each x written at its flat place.   dL/dx = g from there.

    Of several elements with one place the last is kept, yet each gets the gradient, as in torch.
    """

    name, inputs, constant = "plane_assign", ("x", "index"), ("index",)
    grad_name = "MaxUnpool2D"

    @staticmethod
    def spec(x: Spec, index: Spec, *, size: Shape) -> Spec:
        return Spec((*x.shape[: -len(size)], *size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, *, size: Shape) -> Array:
        return xp.plane_gather(g, index, rank=len(size))


class FractionalBest(Op):
    """out = the flat places of the maxima of windows that start at random."""

    name, inputs, differentiable = "fractional_best", ("x", "samples"), False

    @staticmethod
    def spec(x: Spec, samples: Spec, *, kernel: Shape, out: Shape) -> Spec:
        return Spec((*x.shape[: -len(out)], *out), INT64)
