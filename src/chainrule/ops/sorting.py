"""Order: where elements go when sorted, chosen or counted, and taking them from there.

Positions have no derivative.  Values flow through `take_along_axis` and `choose`, whose
transpose is `add_along_axis`.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import DimensionError
from chainrule.ops.base import Linear, Op
from chainrule.spec import Spec

Array = Any


class TakeAlongAxis(Linear):
    """out = x at `index` along `axis`, the other axes alike.   dL/dx = g added up at `index`.

    `distinct` promises that no element is taken twice, which makes the gradient an assignment.
    """

    name, inputs, constant = "take_along_axis", ("x", "index"), ("index",)
    grad_name = "Gather"

    @staticmethod
    def spec(x: Spec, index: Spec, *, axis: int, distinct: bool) -> Spec:
        return Spec(index.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, index: Array, *, axis: int, distinct: bool) -> Array:
        return xp.add_along_axis(g, index, axis=axis, size=x_spec.shape[axis], distinct=distinct)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **static: Any) -> Array:
        return xp.take_along_axis(ts[0], values[1], **static)


class AddAlongAxis(Linear):
    """out = zeros, `size` long on `axis`, plus g at `index`: the transpose of take_along_axis."""

    name, inputs, constant = "add_along_axis", ("g", "index"), ("index",)

    @staticmethod
    def spec(g: Spec, index: Spec, *, axis: int, size: int, distinct: bool) -> Spec:
        return Spec((*g.shape[:axis], size, *g.shape[axis + 1 :]), g.dtype)

    @staticmethod
    def d_g(xp: Any, g: Array, index: Array, *, axis: int, size: int, distinct: bool) -> Array:
        return xp.take_along_axis(g, index, axis=axis, distinct=distinct)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **static: Any) -> Array:
        return xp.add_along_axis(ts[0], values[1], **static)


class Choose(Linear):
    """out = the one x at `index` along `axis`, which goes unless `keepdims`.

    dL/dx = g at `index`, 0 elsewhere.  `index` has the shape of out.
    """

    name, inputs, constant = "choose", ("x", "index"), ("index",)
    grad_name = "ValueSelectingReduction"

    @staticmethod
    def spec(x: Spec, index: Spec, *, axis: int, keepdims: bool) -> Spec:
        return Spec(index.shape, x.dtype)

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec, index: Array, *, axis: int, keepdims: bool) -> Array:
        shape = (*x_spec.shape[:axis], 1, *x_spec.shape[axis + 1 :])
        g, index = xp.reshape(g, shape=shape), xp.reshape(index, shape=shape)
        return xp.add_along_axis(g, index, axis=axis, size=x_spec.shape[axis], distinct=True)

    @classmethod
    def tangent(cls, xp: Any, ts: Any, values: Any, **static: Any) -> Array:
        return xp.choose(ts[0], values[1], **static)


class Position(Op):
    """Where along `axis` one element stands: an index for every line of x."""

    differentiable = False

    @classmethod
    def spec(cls, x: Spec, *, axis: int, keepdims: bool, **static: Any) -> Spec:
        if x.shape[axis] == 0:
            raise DimensionError(
                f"{cls.name.removeprefix('arg')}(): Expected reduction dim {axis} to have "
                "non-zero size."
            )
        return Spec(specs.reduced_shape(x.shape, (axis,), keepdims), specs.INT64)


class ArgMax(Position):
    """out = where the largest x is: the first of equal ones, and of NaN before all others."""

    name, inputs = "argmax", ("x",)


class ArgMin(Position):
    """out = where the smallest x is: the first of equal ones, and of NaN before all others."""

    name, inputs = "argmin", ("x",)


class ArgMedian(Position):
    """out = where the lower median is; where the first NaN is, unless NaN are `ignored`."""

    name, inputs = "argmedian", ("x",)


class ArgKth(Position):
    """out = where the k-th smallest x is, k from 1."""

    name, inputs = "argkth", ("x",)


class ArgMode(Position):
    """out = where the most frequent x is: of equally frequent ones the smallest."""

    name, inputs = "argmode", ("x",)


class ArgSort(Op):
    """out = the order that sorts x along `axis`; NaN is largest.

    If `stable`, equal elements keep their order; else it is that of torch's sort, where known.
    """

    name, inputs, differentiable = "argsort", ("x",), False

    @staticmethod
    def spec(x: Spec, *, axis: int, descending: bool, stable: bool = True) -> Spec:
        return Spec(x.shape, specs.INT64)


class ArgTopK(Op):
    """out = where the k largest (or smallest) x along `axis` are, the most extreme first."""

    name, inputs, differentiable = "argtopk", ("x",), False

    @staticmethod
    def spec(x: Spec, *, axis: int, k: int, largest: bool) -> Spec:
        return Spec((*x.shape[:axis], k, *x.shape[axis + 1 :]), specs.INT64)


class SearchSorted(Op):
    """out = where each x would go among the sorted `edges` (of one line, or of one per line)."""

    name, inputs, differentiable = "searchsorted", ("edges", "x"), False

    @staticmethod
    def spec(edges: Spec, x: Spec, *, right: bool) -> Spec:
        return Spec(x.shape, specs.INT64)


class IsIn(Op):
    """out = whether each x is among `test`."""

    name, inputs, differentiable = "isin", ("x", "test"), False

    @staticmethod
    def spec(x: Spec, test: Spec) -> Spec:
        return Spec(x.shape, specs.BOOL)
