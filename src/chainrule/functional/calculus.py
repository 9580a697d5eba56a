"""Calculus on samples with torch's names: differences, integrals, gradients on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.reduction import as_floats, axes_of, in_dtype
from chainrule.ops.arithmetic import Add, Divide, Multiply, Subtract
from chainrule.ops.comparison import NotEqual
from chainrule.ops.reduction import Sum
from chainrule.ops.scan import CumSum
from chainrule.ops.shape import Concat, Copy, Reshape, Slice
from chainrule.tensor import Tensor, from_array


def part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """x[start:stop] on one axis."""
    return apply(Slice, x, index=(*(slice(None),) * axis, slice(start, stop)))


@public
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along `dim`, taken `n` times; of booleans, whether they differ.

    Shapes: `dim` gets shorter by n, after `prepend` and `append` are joined to it.
    Gradient: the negative differences of g.
    Errors: a 0-d tensor has no neighbours; n is not negative.

    >>> import chainrule as torch
    >>> torch.diff(torch.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    array = input._array
    if array.ndim == 0:
        raise ShapeError("diff expects input to be at least one-dimensional", [("input", input)])
    if n < 0:
        raise ArgumentError(f"order must be non-negative but got {n}")
    axis = spec.normalize_axis(dim, array.ndim)
    if n == 0:
        return apply(Copy, input)  # type: ignore[no-any-return]
    ends = [t for t in (prepend, input, append) if t is not None]
    for t in ends:
        if t._array.ndim != array.ndim:
            raise ShapeError(
                "diff expects prepend or append to be the same dimension as input",
                [("input", input), ("joined", t)],
            )
    if len(ends) > 1:
        dtype = spec.result_type([t._array for t in ends])
        input = apply(Concat, *(in_dtype(t, dtype) for t in ends), axis=axis)
    n = min(n, input._array.shape[axis])
    step = NotEqual if input._array.dtype.kind == "b" else Subtract
    for _ in range(n):
        input = apply(step, part(input, axis, 1, None), part(input, axis, None, -1))
    return input  # type: ignore[no-any-return]


def areas(name: str, y: Any, x: Any, dx: Any, dim: int) -> tuple[Any, int]:
    """The areas of the trapezoids between neighbours, and the axis."""
    if x is not None and dx is not None:
        raise ArgumentError(f"{name}: pass either x or dx, not both")
    axis = spec.normalize_axis(dim, y._array.ndim)
    pairs = apply(Add, part(y, axis, None, -1), part(y, axis, 1, None))
    if x is None:
        width: Any = 1.0 if dx is None else dx
        if isinstance(width, Tensor) and width._array.ndim:
            raise ShapeError(f"{name}: dx must be a number", [("dx", width)])
        return apply(Divide, apply(Multiply, pairs, width), 2.0), axis
    size = x._array.shape[-1] if x._array.ndim else 1
    if x._array.ndim == 1:
        if size != y._array.shape[axis]:
            raise ShapeError(
                f"{name}: There must be one `x` value for each sample point",
                [("y", y), ("x", x)],
            )
        shape = (-1, *(1,) * (y._array.ndim - axis - 1))
        width = apply(Reshape, diff(x), shape=(size - 1, *shape[1:]))
    elif x._array.ndim < y._array.ndim:
        lead = y._array.ndim - x._array.ndim
        width = diff(apply(Reshape, x, shape=(*(1,) * lead, *x._array.shape)), dim=axis)
    else:
        width = diff(x, dim=axis - y._array.ndim)
    return apply(Divide, apply(Multiply, pairs, width), 2.0), axis


@public(method=False, names=("trapz",))
def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The integral of samples `y` along `dim` by the trapezoidal rule.

    The samples stand at `x`, or `dx` apart (1 by default).
    Shapes: `dim` is removed; x is 1-d with one place per sample, or broadcasts with y.
    Gradient: the rule's weights times g.

    >>> import chainrule as torch
    >>> torch.trapezoid(torch.tensor([1., 5., 10.]))
    tensor(10.5000)
    """
    if y._array.ndim == 0 or y._array.shape[spec.normalize_axis(dim, y._array.ndim)] == 0:
        shape = spec.reduced_shape(y._array.shape, (dim % (y._array.ndim or 1),), False)
        return from_array(np.zeros(shape, as_floats(y)._array.dtype))  # type: ignore
    area, axis = areas("trapezoid", y, x, dx, dim)
    axis += area._array.ndim - y._array.ndim
    return apply(Sum, area, axis=(axis,), keepdims=False)  # type: ignore[no-any-return]


@public(method=False)
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The running integral of samples `y` along `dim` by the trapezoidal rule.

    Shapes: `dim` gets shorter by one.
    Gradient: the rule's weights times the running sum of g from the other end.

    >>> import chainrule as torch
    >>> torch.cumulative_trapezoid(torch.tensor([1., 5., 10.]))
    tensor([ 3.0000, 10.5000])
    """
    area, axis = areas("cumulative_trapezoid", y, x, dx, dim)
    return apply(CumSum, area, axis=axis + area._array.ndim - y._array.ndim)  # type: ignore


@public(method=False, out=False)
def gradient(
    input: Any, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """The derivative of a sampled function along each of `dim`, by differences of second order.

    `spacing` is the distance of samples, one for all or one per dimension, or their coordinates,
    a 1-d tensor per dimension.  At the edges the order is `edge_order`, 1 or 2.
    Shapes: a tuple with one tensor like the input for each dimension.
    Gradient: the differences' weights times g.
    Errors: a dimension needs edge_order + 1 samples.

    >>> import chainrule as torch
    >>> torch.gradient(torch.tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    axes = axes_of(dim, input._array.ndim)
    if edge_order not in (1, 2):
        raise ArgumentError("torch.gradient only supports edge_order=1 and edge_order=2.")
    for axis in axes:
        if not input._array.ndim or input._array.shape[axis] < edge_order + 1:
            raise ShapeError(
                "torch.gradient expected each dimension size to be at least edge_order+1",
                [("input", input), ("edge_order", edge_order)],
            )
    steps: Sequence[Any]
    if isinstance(spacing, (tuple, list)):
        steps = spacing
        if len(steps) != len(axes):
            wanted = "'self.dim()" if dim is None else "'dim"
            raise ShapeError(
                "torch.gradient expected spacing to be unspecified, a scalar, or a list of length "
                f"equal to {wanted} = {len(axes)}', but got a list of length {len(steps)}"
            )
    else:
        steps = [1.0 if spacing is None else spacing] * len(axes)
    f = as_floats(input)
    return tuple(slopes(f, axis, h, edge_order) for axis, h in zip(axes, steps, strict=True))


def slopes(f: Any, axis: int, h: Any, edge_order: int) -> Tensor:
    """The derivative along one axis: h is the distance of samples, or their coordinates."""
    ndim, n = f._array.ndim, f._array.shape[axis]
    if isinstance(h, Tensor) and h._array.ndim:
        if h._array.shape != (n,):
            raise ShapeError(
                "torch.gradient expected each spacing tensor to have one coordinate per sample",
                [("input", f), ("spacing", h)],
            )
        gaps: Any = np.diff(h._array).astype(f._array.dtype)
    else:
        value = h._array.item() if isinstance(h, Tensor) else h
        gaps = np.full(n - 1, value, f._array.dtype)

    def weighed(weights: Sequence[Any], starts: Sequence[int], size: int) -> Any:
        """The sum of `size` samples from each of `starts` on, times their weights."""
        total = None
        for w, start in zip(weights, starts, strict=True):
            w = np.asarray(w, f._array.dtype).reshape((-1,) + (1,) * (ndim - 1 - axis))
            term = apply(Multiply, part(f, axis, start, start + size), from_array(w))
            total = term if total is None else apply(Add, total, term)
        return total

    a, b = gaps[:-1], gaps[1:]
    inner = (-b / (a * (a + b)), (b - a) / (a * b), a / (b * (a + b)))
    middle = [weighed(inner, (0, 1, 2), n - 2)] if n > 2 else []
    if edge_order == 1:
        first = weighed((-1 / gaps[0], 1 / gaps[0]), (0, 1), 1)
        last = weighed((-1 / gaps[-1], 1 / gaps[-1]), (n - 2, n - 1), 1)
    else:
        a, b = gaps[0], gaps[1]
        edge = (-(2 * a + b) / (a * (a + b)), (a + b) / (a * b), -a / (b * (a + b)))
        first = weighed(edge, (0, 1, 2), 1)
        a, b = gaps[-2], gaps[-1]
        edge = (b / (a * (a + b)), -(b + a) / (a * b), (2 * b + a) / (b * (a + b)))
        last = weighed(edge, (n - 3, n - 2, n - 1), 1)
    return apply(Concat, first, *middle, last, axis=axis)  # type: ignore[no-any-return]
