"""Ops that move elements without computing: casts, views, concatenation, writes into views.

All are linear.  Those with `view = True` share their input's memory in eager mode.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec as specs
from chainrule.errors import ShapeError
from chainrule.ops.base import Linear, conjugate
from chainrule.spec import Shape, Spec

Array = Any


class AsType(Linear):
    """out = x in another dtype.   dL/dx = g in the dtype of x."""

    name, inputs, c = "astype", ("x",), "({ctype}){x}"
    grad_name = "ToCopy"

    @staticmethod
    def spec(x: Spec, *, dtype: Any) -> Spec:
        return Spec(x.shape, np.dtype(dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, dtype: Any) -> Array:
        return xp.astype(g, dtype=x_spec.dtype)


class Copy(Linear):
    """out = x in memory of its own, row-major unless `order` says otherwise.   dL/dx = g.

    `order` has the axes from the slowest to the fastest; None keeps the order of x.
    """

    name, inputs, c = "copy", ("x",), "{x}"
    grad_name = "Clone"

    @staticmethod
    def spec(x: Spec, *, order: tuple[int, ...] | None = ()) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, order: tuple[int, ...] | None = ()) -> Array:
        return g


class Reshape(Linear):
    """out = x with another shape of equally many elements.   dL/dx = g with the shape of x."""

    name, inputs, view = "reshape", ("x",), True
    grad_name = "View"

    @staticmethod
    def spec(x: Spec, *, shape: Shape) -> Spec:
        if specs.size_of(shape) != x.size:
            raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {x.size}")
        return Spec(shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, shape: Shape) -> Array:
        return xp.reshape(g, shape=x_spec.shape)


class BroadcastTo(Linear):
    """out = x repeated to `shape` without copying.   dL/dx = g; the engine sums it."""

    name, inputs, view = "broadcast_to", ("x",), True
    grad_name = "Expand"

    @staticmethod
    def spec(x: Spec, *, shape: Shape) -> Spec:
        if specs.broadcast_shapes(x.shape, shape) != shape:
            raise ShapeError(f"shape {x.shape} does not broadcast to {shape}")
        return Spec(shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, *, shape: Shape) -> Array:
        return g


class PermuteDims(Linear):
    """out = x with its axes in the order `axes`.   dL/dx = g with the inverse order."""

    name, inputs, view = "permute_dims", ("x",), True
    grad_name = "Permute"

    @staticmethod
    def spec(x: Spec, *, axes: tuple[int, ...]) -> Spec:
        return Spec(tuple(x.shape[a] for a in axes), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, *, axes: tuple[int, ...]) -> Array:
        inverse = sorted(range(len(axes)), key=axes.__getitem__)
        return xp.permute_dims(g, axes=tuple(inverse))


class SwapAxes(Linear):
    """out = x with two axes exchanged.   dL/dx = g with the same two exchanged."""

    name, inputs, view = "swapaxes", ("x",), True
    grad_name = "Transpose"

    @staticmethod
    def spec(x: Spec, *, axis1: int, axis2: int) -> Spec:
        shape = list(x.shape)
        shape[axis1], shape[axis2] = shape[axis2], shape[axis1]
        return Spec(tuple(shape), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis1: int, axis2: int) -> Array:
        return xp.swapaxes(g, axis1=axis1, axis2=axis2)


class Slice(Linear):
    """out = x[index] for ints, slices, None and Ellipsis.   dL/dx = g at `index`, 0 elsewhere."""

    name, inputs, view = "slice", ("x",), True

    @staticmethod
    def node_name(index: tuple[Any, ...]) -> str:
        """torch's word for this use: Select, Unsqueeze or Slice."""
        if any(type(i) is int for i in index):
            return "SelectBackward0"
        return "UnsqueezeBackward0" if None in index else "SliceBackward0"

    @staticmethod
    def spec(x: Spec, *, index: tuple[Any, ...]) -> Spec:
        probe = np.broadcast_to(np.zeros((), np.bool_), x.shape)  # one byte, whatever the shape
        return Spec(probe[index].shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, index: tuple[Any, ...]) -> Array:
        return xp.slice_scatter(g, shape=x_spec.shape, index=index)


class SliceScatter(Linear):
    """out = zeros of `shape` with g at `index`: the transpose of `slice`."""

    name, inputs = "slice_scatter", ("g",)

    @staticmethod
    def spec(g: Spec, *, shape: Shape, index: tuple[Any, ...]) -> Spec:
        return Spec(shape, g.dtype)

    @staticmethod
    def d_g(xp: Any, g: Array, *, shape: Shape, index: tuple[Any, ...]) -> Array:
        return xp.slice(g, index=index)


class Concat(Linear):
    """out = the xs joined along `axis`.   Each dL/dx is its part of g."""

    name, inputs = "concat", ("*xs",)
    grad_name = "Cat"

    @staticmethod
    def spec(*xs: Spec, axis: int) -> Spec:
        first = xs[0].shape
        for i, x in enumerate(xs):
            fits = len(x.shape) == len(first) and all(
                a == b for k, (a, b) in enumerate(zip(x.shape, first, strict=True)) if k != axis
            )
            if not fits:
                raise ShapeError(
                    f"sizes of all tensors must match except on axis {axis}; "
                    f"the first has {first}, number {i} has {x.shape}"
                )
        joined = sum(x.shape[axis] for x in xs)
        shape = (*first[:axis], joined, *first[axis + 1 :])
        return Spec(shape, xs[0].dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: tuple[bool, ...], xs_spec: Any, *, axis: int) -> Any:
        grads, start = [], 0
        for want, x in zip(needed, xs_spec, strict=True):
            stop = start + x.shape[axis]
            index = (slice(None),) * axis + (slice(start, stop),)
            grads.append(xp.slice(g, index=index) if want else None)
            start = stop
        return tuple(grads)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        whole = (xp.zeros_like(x) if t is None else t for t, x in zip(ts, values[0], strict=True))
        return xp.concat(*whole, axis=axis)


class Stack(Linear):
    """out = the xs joined along a new `axis`.   Each dL/dx is its part of g."""

    name, inputs = "stack", ("*xs",)

    @staticmethod
    def spec(*xs: Spec, axis: int) -> Spec:
        first = xs[0].shape
        for i, x in enumerate(xs):
            if x.shape != first:
                raise ShapeError(
                    f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 "
                    f"and {list(x.shape)} at entry {i}"
                )
        return Spec((*first[:axis], len(xs), *first[axis:]), xs[0].dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: tuple[bool, ...], *, axis: int) -> Any:
        lead = (slice(None),) * axis
        return tuple(
            xp.slice(g, index=(*lead, i, Ellipsis)) if want else None
            for i, want in enumerate(needed)
        )

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        whole = (xp.zeros_like(x) if t is None else t for t, x in zip(ts, values[0], strict=True))
        return xp.stack(*whole, axis=axis)


class Flip(Linear):
    """out = x in reverse order along each `axis`.   dL/dx = g reversed."""

    name, inputs = "flip", ("x",)

    @staticmethod
    def spec(x: Spec, *, axis: tuple[int, ...]) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis: tuple[int, ...]) -> Array:
        return xp.flip(g, axis=axis)


class Roll(Linear):
    """out = x moved by `shift` along each `axis`, round the end.   dL/dx = g moved back."""

    name, inputs = "roll", ("x",)

    @staticmethod
    def spec(x: Spec, *, shift: tuple[int, ...], axis: tuple[int, ...]) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, shift: tuple[int, ...], axis: tuple[int, ...]) -> Array:
        return xp.roll(g, shift=tuple(-s for s in shift), axis=axis)


class Tril(Linear):
    """out = x where column - row <= k, else 0, in the last two axes.   dL/dx = the same of g."""

    name, inputs = "tril", ("x",)

    @staticmethod
    def spec(x: Spec, *, k: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, k: int) -> Array:
        return xp.tril(g, k=k)


class Triu(Linear):
    """out = x where column - row >= k, else 0, in the last two axes.   dL/dx = the same of g."""

    name, inputs = "triu", ("x",)

    @staticmethod
    def spec(x: Spec, *, k: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, k: int) -> Array:
        return xp.triu(g, k=k)


def follow(xp: Any, x: Array, steps: tuple[Any, ...]) -> Array:
    """The view of `x` that `steps`, pairs of view op and metadata, lead to."""
    for op, static in steps:
        x = op.forward(xp, x, **static)
    return x


class ReadView(Linear):
    """out = the view of x that `steps` lead to.   dL/dx = g written there, 0 elsewhere."""

    name, inputs = "read_view", ("x",)

    @staticmethod
    def forward(xp: Any, x: Array, *, steps: tuple[Any, ...]) -> Array:
        return follow(xp, x, steps)

    @staticmethod
    def spec(x: Spec, *, steps: tuple[Any, ...]) -> Spec:
        for op, static in steps:
            x = op.spec(x, **static)
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, *, steps: tuple[Any, ...]) -> Array:
        blank = xp.zeros(shape=x_spec.shape, dtype=x_spec.dtype)
        return conjugate(xp, xp.write_view(blank, conjugate(xp, g), steps=steps))


class WriteView(Linear):
    """out = x, but y in the view of it that `steps` lead to: what a write through a view does.

    dL/dx = g with zeros there,   dL/dy = that view of g.  A view may be of the parts of complex
    numbers; it is the conjugate gradients whose memory corresponds.
    """

    name, inputs = "write_view", ("x", "y")

    @staticmethod
    def node_name(steps: tuple[Any, ...]) -> str:
        return "CopySlices" if steps else "CopyBackwards"

    @staticmethod
    def spec(x: Spec, y: Spec, *, steps: tuple[Any, ...]) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, steps: tuple[Any, ...]) -> Array:
        region = ReadView.spec(Spec(tuple(g.shape), g.dtype), steps=steps)
        blank = xp.zeros(shape=region.shape, dtype=g.dtype)
        return xp.write_view(g, blank, steps=steps)

    @staticmethod
    def d_y(xp: Any, g: Array, *, steps: tuple[Any, ...]) -> Array:
        return conjugate(xp, xp.read_view(conjugate(xp, g), steps=steps))

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, *, steps: tuple[Any, ...]) -> Array:
        x, y = (xp.zeros_like(v) if t is None else t for t, v in zip(ts, values, strict=False))
        return xp.write_view(x, y, steps=steps)
