"""Reading and writing at integer indices.

`index` and `index_scatter` are transposes of each other: x[i, j] and its gradient, which adds up
where an index repeats.  `gather` and `scatter_add` are the same along one axis, with an index per
element.  Index arrays are inputs that are never differentiated.
"""

from __future__ import annotations

from typing import Any

from chainrule.errors import ShapeError
from chainrule.ops.base import Linear, Op
from chainrule.spec import Shape, Spec, broadcast_shapes

Array = Any
Axes = tuple[int, ...]


def indexed_shape(shape: Shape, indices: tuple[Shape, ...], axes: Axes) -> Shape:
    """The shape of x[...] with index arrays on `axes` and full slices elsewhere."""
    joint = broadcast_shapes(*indices)
    rest = tuple(n for a, n in enumerate(shape) if a not in axes)
    if axes[-1] - axes[0] == len(axes) - 1:  # side by side: the result stands in their place
        return (*rest[: axes[0]], *joint, *rest[axes[0] :])
    return (*joint, *rest)


class Index(Op):
    """out = x[i, j, ...] with index arrays on `axes`.   dL/dx = g added at these places."""

    name, inputs, constant = "index", ("x", "*indices"), ("indices",)

    @staticmethod
    def spec(x: Spec, *indices: Spec, axes: Axes) -> Spec:
        return Spec(indexed_shape(x.shape, tuple(i.shape for i in indices), axes), x.dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: Any, indices: Any, x_spec: Spec, *, axes: Axes) -> Any:
        dx = xp.index_scatter(g, *indices, shape=x_spec.shape, axes=axes)
        return (dx, *(None,) * len(indices))

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axes: Axes) -> Array:
        return xp.index(ts[0], *values[1], axes=axes)


class ContinueEdges(Linear):
    """out = x at `places` along one axis: reflected, repeated.   dL/dx = g added at these places.

    Like `index`; but torch's gradient of such padding counts as a function of x.
    """

    name, inputs, constant = "continue_edges", ("x", "places"), ("places",)
    entangled, grad_name = True, "ReflectionPad"

    @staticmethod
    def spec(x: Spec, places: Spec, *, axis: int) -> Spec:
        return Spec((*x.shape[:axis], places.shape[0], *x.shape[axis + 1 :]), x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, places: Array, x_spec: Spec, *, axis: int) -> Array:
        return xp.index_scatter(g, places, shape=x_spec.shape, axes=(axis,))

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        return xp.continue_edges(ts[0], values[1], axis=axis)


class IndexScatter(Op):
    """out = zeros of `shape`, g added at the indices: the transpose of `index`."""

    name, inputs, constant = "index_scatter", ("g", "*indices"), ("indices",)
    grad_name = "IndexBackward"

    @staticmethod
    def spec(g: Spec, *indices: Spec, shape: Shape, axes: Axes) -> Spec:
        return Spec(shape, g.dtype)

    @staticmethod
    def vjp(xp: Any, g: Array, needed: Any, indices: Any, *, shape: Shape, axes: Axes) -> Any:
        return (xp.index(g, *indices, axes=axes), *(None,) * len(indices))

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, shape: Shape, axes: Axes) -> Array:
        return xp.index_scatter(ts[0], *values[1], shape=shape, axes=axes)


class IndexPut(Op):
    """out = x with y written at the indices, or added there if `accumulate`.

    dL/dx = g, but 0 where it was overwritten,   dL/dy = g at the indices.
    """

    name, inputs, constant = "index_put", ("x", "y", "*indices"), ("indices",)
    grad_name = "IndexPut"

    @staticmethod
    def spec(x: Spec, y: Spec, *indices: Spec, axes: Axes, accumulate: bool) -> Spec:
        region = indexed_shape(x.shape, tuple(i.shape for i in indices), axes)
        if broadcast_shapes(region, y.shape) != region:
            raise ShapeError(
                f"shape mismatch: value tensor of shape {list(y.shape)} cannot be broadcast to "
                f"indexing result of shape {list(region)}"
            )
        return x

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: Any, indices: Any, y_spec: Spec, *, axes: Axes, accumulate: bool
    ) -> Any:
        dx = dy = None
        if needed[0]:
            dx = g
            if not accumulate:
                blank = xp.zeros(shape=(), dtype=g.dtype)
                dx = xp.index_put(g, blank, *indices, axes=axes, accumulate=False)
        if needed[1]:
            dy = xp.index(g, *indices, axes=axes)
        return (dx, dy, *(None,) * len(indices))

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axes: Axes, accumulate: bool) -> Array:
        x, y = (xp.zeros_like(v) if t is None else t for t, v in zip(ts[:2], values, strict=False))
        return xp.index_put(x, y, *values[2], axes=axes, accumulate=accumulate)


class Gather(Op):
    """out[i, j] = x[index[i, j], j] for axis 0, and so on.   dL/dx = g added at these places."""

    name, inputs, constant = "gather", ("x", "index"), ("index",)

    @staticmethod
    def spec(x: Spec, index: Spec, *, axis: int) -> Spec:
        return Spec(index.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, x_spec: Spec, *, axis: int) -> Array:
        blank = xp.zeros(shape=x_spec.shape, dtype=g.dtype)
        return xp.scatter_add(blank, index, g, axis=axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        return xp.gather(ts[0], values[1], axis=axis)


class Scatter(Op):
    """out = x, but out[index[i, j], j] = src[i, j] for axis 0, and so on.

    dL/dx = g, but 0 where it was overwritten,   dL/dsrc = g at these places.
    """

    name, inputs, constant = "scatter", ("x", "index", "src"), ("index",)

    @staticmethod
    def spec(x: Spec, index: Spec, src: Spec, *, axis: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, index: Array, *, axis: int) -> Array:
        blank = xp.zeros(shape=index.shape, dtype=g.dtype)
        return xp.scatter(g, index, blank, axis=axis)

    @staticmethod
    def d_src(xp: Any, g: Array, index: Array, *, axis: int) -> Array:
        return xp.gather(g, index, axis=axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        x = xp.zeros_like(values[0]) if ts[0] is None else ts[0]
        src = xp.zeros_like(values[2]) if ts[2] is None else ts[2]
        return xp.scatter(x, values[1], src, axis=axis)


class ScatterAdd(Op):
    """out = x with src[i, j] added at [index[i, j], j] for axis 0, and so on.

    dL/dx = g,   dL/dsrc = g at these places.
    """

    name, inputs, constant = "scatter_add", ("x", "index", "src"), ("index",)

    @staticmethod
    def spec(x: Spec, index: Spec, src: Spec, *, axis: int) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array, *, axis: int) -> Array:
        return g

    @staticmethod
    def d_src(xp: Any, g: Array, index: Array, *, axis: int) -> Array:
        return xp.gather(g, index, axis=axis)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any, *, axis: int) -> Array:
        x = xp.zeros_like(values[0]) if ts[0] is None else ts[0]
        src = xp.zeros_like(values[2]) if ts[2] is None else ts[2]
        return xp.scatter_add(x, values[1], src, axis=axis)


class ScatterProd(Op):
    """out = x times every src whose index points here (without x there, unless `include_self`).

    dL/dx = g times the product of the others; a zero among the factors is left out of its own
    product instead of being divided out.
    """

    name, inputs, constant = "scatter_prod", ("x", "index", "src"), ("index",)
    grad_name = "ScatterReduce"

    @staticmethod
    def spec(x: Spec, index: Spec, src: Spec, *, axis: int, include_self: bool) -> Spec:
        return x

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: Any, x: Array, index: Array, src: Array, out: Array, *,
        axis: int, include_self: bool,
    ) -> Any:  # fmt: skip
        how: dict[str, Any] = {"axis": axis, "include_self": include_self}
        dx = dsrc = None
        if needed[0]:
            nonzero = xp.where(x == 0, xp.zeros_like(x) + 1, x)
            dx = g * xp.scatter_prod(nonzero, index, src, **how) / nonzero
            if not include_self:
                blank = xp.zeros(shape=index.shape, dtype=g.dtype)
                dx = xp.scatter(dx, index, blank, axis=axis)
        if needed[2]:
            hole = xp.astype(src == 0, dtype=g.dtype)
            holes = xp.scatter_add(xp.zeros(shape=x.shape, dtype=g.dtype), index, hole, axis=axis)
            only = xp.logical_and(src == 0, xp.gather(holes, index, axis=axis) == 1)
            one = xp.zeros_like(src) + 1
            filled = xp.scatter_prod(x, index, xp.where(only, one, src), **how)
            alone = xp.gather(g * filled, index, axis=axis)
            divided = xp.gather(g * out, index, axis=axis) / xp.where(src == 0, one, src)
            dsrc = xp.where(only, alone, divided)
        return dx, None, dsrc


class ScatterExtreme(Op):
    """out = the largest (or smallest) of x and every src whose index points here.

    dL/dx = g, split equally among all that attain it.
    """

    name, inputs, constant = "scatter_extreme", ("x", "index", "src"), ("index",)
    grad_name = "ScatterReduce"

    @staticmethod
    def spec(
        x: Spec, index: Spec, src: Spec, *, axis: int, largest: bool, include_self: bool
    ) -> Spec:
        return x

    @staticmethod
    def vjp(
        xp: Any, g: Array, needed: Any, x: Array, index: Array, src: Array, out: Array, *,
        axis: int, largest: bool, include_self: bool,
    ) -> Any:  # fmt: skip
        dtype = g.dtype
        own = xp.astype(x == out, dtype=dtype)
        hit = xp.astype(src == xp.gather(out, index, axis=axis), dtype=dtype)
        share = g / xp.scatter_add(own, index, hit, axis=axis)
        dx = dsrc = None
        if needed[0]:
            dx = xp.where(own == 0, xp.zeros_like(g), own * share)
            if not include_self:
                blank = xp.zeros(shape=index.shape, dtype=dtype)
                dx = xp.scatter(dx, index, blank, axis=axis)
        if needed[2]:
            dsrc = hit * xp.gather(share, index, axis=axis)
        return dx, None, dsrc
