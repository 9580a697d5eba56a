"""Views beyond slices: squeezed, diagonal, windowed and strided ones, each with its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Linear, Op
from chainrule.spec import Shape, Spec

Array = Any


class ExpandDims(Linear):
    """out = x with an axis of size 1 at `axis`.   dL/dx = g without it."""

    name, inputs, view = "expand_dims", ("x",), True
    grad_name = "Unsqueeze"

    @staticmethod
    def spec(x: Spec, *, axis: int) -> Spec:
        return Spec((*x.shape[:axis], 1, *x.shape[axis:]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, axis: int) -> Array:
        return xp.reshape(g, shape=x_spec.shape)


class Squeeze(Linear):
    """out = x without the axes of size 1 in `axis`.   dL/dx = g with them."""

    name, inputs, view = "squeeze", ("x",), True
    grad_name = "Squeeze"

    @staticmethod
    def spec(x: Spec, *, axis: tuple[int, ...]) -> Spec:
        for a in axis:
            if x.shape[a] != 1:
                raise ShapeError(f"axis {a} has size {x.shape[a]}; only size 1 can be dropped")
        return Spec(specs.reduced_shape(x.shape, axis, False), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, axis: tuple[int, ...]) -> Array:
        return xp.reshape(g, shape=x_spec.shape)


class Diagonal(Linear):
    """out[..., i] = x[i, i + offset] over two axes.   dL/dx = g there, 0 elsewhere."""

    name, inputs, view = "diagonal", ("x",), True

    @staticmethod
    def spec(x: Spec, *, offset: int, axis1: int, axis2: int) -> Spec:
        rows, columns = x.shape[axis1], x.shape[axis2]
        n = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
        rest = specs.reduced_shape(x.shape, (axis1, axis2), False)
        return Spec((*rest, max(n, 0)), x.dtype)

    @staticmethod
    def d_x(
        xp: Any, g: Array, x_spec: Spec, *, offset: int, axis1: int, axis2: int
    ) -> Array:  # fmt: skip
        return xp.diagonal_scatter(g, shape=x_spec.shape, offset=offset, axis1=axis1, axis2=axis2)


class DiagonalScatter(Linear):
    """out = zeros of `shape` with g on a diagonal: the transpose of `diagonal`."""

    name, inputs = "diagonal_scatter", ("g",)
    grad_name = "DiagonalScatter"

    @staticmethod
    def spec(g: Spec, *, shape: Shape, offset: int, axis1: int, axis2: int) -> Spec:
        fits = Diagonal.spec(Spec(shape, g.dtype), offset=offset, axis1=axis1, axis2=axis2).shape
        if fits != g.shape:
            raise ShapeError(f"the diagonal of {shape} has shape {fits}, not {g.shape}")
        return Spec(shape, g.dtype)

    @staticmethod
    def d_g(
        xp: Any, g: Array, *, shape: Shape, offset: int, axis1: int, axis2: int
    ) -> Array:  # fmt: skip
        return xp.diagonal(g, offset=offset, axis1=axis1, axis2=axis2)


class Unfold(Linear):
    """out[..., i, ..., k] = x[..., i * step + k, ...]: windows along `axis`, as a last axis.

    dL/dx = each window's g added back in its place.
    """

    name, inputs, view = "unfold", ("x",), True

    @staticmethod
    def spec(x: Spec, *, axis: int, size: int, step: int) -> Spec:
        shape = list(x.shape)
        shape[axis] = (shape[axis] - size) // step + 1
        return Spec((*shape, size), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, axis: int, size: int, step: int) -> Array:
        return xp.unfold_scatter(g, shape=x_spec.shape, axis=axis, size=size, step=step)


class UnfoldScatter(Linear):
    """out = windows added into zeros of `shape`: the transpose of `unfold`."""

    name, inputs = "unfold_scatter", ("g",)
    grad_name = "UnfoldBackward"

    @staticmethod
    def spec(g: Spec, *, shape: Shape, axis: int, size: int, step: int) -> Spec:
        return Spec(shape, g.dtype)

    @staticmethod
    def d_g(xp: Any, g: Array, *, shape: Shape, axis: int, size: int, step: int) -> Array:
        return xp.unfold(g, axis=axis, size=size, step=step)


class AsStrided(Linear):
    """out = x's memory read with another shape, strides and offset, all counted in elements.

    `source` says how x itself lies there: its strides and offset.   dL/dx = g added where each
    element of x was read.
    """

    name, inputs, view = "as_strided", ("x",), True

    @staticmethod
    def spec(
        x: Spec, *, shape: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
    ) -> Spec:
        return Spec(shape, x.dtype)

    @staticmethod
    def d_x(
        xp: Any, g: Array, x_spec: Spec, *, shape: Shape, strides: Shape, offset: int,
        source: tuple[Shape, int],
    ) -> Array:  # fmt: skip
        return xp.strided_scatter(
            g, shape=x_spec.shape, strides=strides, offset=offset, source=source
        )


class StridedScatter(Linear):
    """out = g added into `shape` where `as_strided` read it: its transpose."""

    name, inputs = "strided_scatter", ("g",)
    grad_name = "AsStridedScatter"

    @staticmethod
    def spec(
        g: Spec, *, shape: Shape, strides: Shape, offset: int, source: tuple[Shape, int]
    ) -> Spec:
        return Spec(shape, g.dtype)

    @staticmethod
    def d_g(
        xp: Any, g: Array, g_spec: Spec, *, shape: Shape, strides: Shape, offset: int,
        source: tuple[Shape, int],
    ) -> Array:  # fmt: skip
        return xp.as_strided(g, shape=g_spec.shape, strides=strides, offset=offset, source=source)


def in_order(g: Any, count: int) -> tuple[Any, Array]:
    """The gradients of all outputs, None where there is none, and one that there is.

    The engine gives an op whose number of outputs varies a dict, by position.
    """
    gs = g if isinstance(g, tuple) else [g.get(i) for i in range(count)]
    return gs, next(part for part in gs if part is not None)


class Split(Op):
    """outs = x cut along `axis` into parts of these `sizes`.   dL/dx = the gs joined."""

    name, inputs, view = "split", ("x",), True

    @staticmethod
    def spec(x: Spec, *, axis: int, sizes: tuple[int, ...]) -> tuple[Spec, ...]:
        if sum(sizes) != x.shape[axis]:
            raise ShapeError(f"sizes {sizes} do not add up to {x.shape[axis]} on axis {axis}")
        return tuple(Spec((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype) for n in sizes)

    @staticmethod
    def vjp(xp: Any, g: Any, needed: Any, *, axis: int, sizes: tuple[int, ...]) -> Any:
        gs, known = in_order(g, len(sizes))
        head, tail = known.shape[:axis], known.shape[axis + 1 :]
        parts = [
            xp.zeros(shape=(*head, n, *tail), dtype=known.dtype) if part is None else part
            for n, part in zip(sizes, gs, strict=True)
        ]
        return (xp.concat(*parts, axis=axis),)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int, sizes: tuple[int, ...]) -> Any:
        return xp.split(ts[0], axis=axis, sizes=sizes)


class Unbind(Op):
    """outs = x[0], x[1], ... along `axis`.   dL/dx = the gs stacked."""

    name, inputs, view = "unbind", ("x",), True

    @staticmethod
    def spec(x: Spec, *, axis: int, count: int) -> tuple[Spec, ...]:
        return (Spec((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype),) * count

    @staticmethod
    def vjp(xp: Any, g: Any, needed: Any, *, axis: int, count: int) -> Any:
        gs, known = in_order(g, count)
        blank = None if all(part is not None for part in gs) else xp.zeros_like(known)
        return (xp.stack(*(blank if part is None else part for part in gs), axis=axis),)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int, count: int) -> Any:
        return xp.unbind(ts[0], axis=axis, count=count)


class ViewDtype(Op):
    """out = the bytes of x read as another dtype; not differentiable."""

    name, inputs, view = "view_dtype", ("x",), True
    no_derivative = "bytes of another dtype are not a differentiable function of the value"

    @staticmethod
    def spec(x: Spec, *, dtype: Any) -> Spec:
        have, want = x.dtype.itemsize, np.dtype(dtype).itemsize
        shape = x.shape if have == want else (*x.shape[:-1], x.shape[-1] * have // want)
        return Spec(shape, np.dtype(dtype))
