"""Products of tensors by axes: outer, inner, tensordot, kron, cross."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS, public, store
from chainrule.functional.linalg import product, rank, reshaped, total
from chainrule.functional.reduction import in_dtype
from chainrule.ops.arithmetic import Multiply, Subtract
from chainrule.ops.base import REGISTRY
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import BroadcastTo, PermuteDims, Roll
from chainrule.tensor import Tensor


@public(names=("ger",))
def outer(input: Any, vec2: Any) -> Tensor:
    """All products of an element of `input` and one of `vec2`.

    Shapes: (n) and (m) give (n, m).
    Gradient: g y and g' x.

    >>> import chainrule as torch
    >>> torch.outer(torch.tensor([1., 2.]), torch.tensor([1., 10.]))
    tensor([[ 1., 10.],
            [ 2., 20.]])
    """
    rank(input, 1, "outer: Expected 1-D argument self, but got "
         f"{getattr(input, 'ndim', 0)}-D", vec2)  # fmt: skip
    rank(vec2, 1, "outer: Expected 1-D argument vec2, but got "
         f"{getattr(vec2, 'ndim', 0)}-D", input)  # fmt: skip
    return apply(Multiply, reshaped(input, input._array.shape[0], 1), vec2)  # type: ignore


@public
def inner(input: Any, other: Any) -> Tensor:
    """Products of elements, summed over the last axis of both.

    Shapes: (..., k) and (~~~, k) give (..., ~~~); a number multiplies everything.
    Gradient: that of the matrix product input @ other'.

    >>> import chainrule as torch
    >>> torch.inner(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    a, b = input._array, other._array
    if a.ndim == 0 or b.ndim == 0:
        return apply(Multiply, input, other)  # type: ignore[no-any-return]
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(a.shape)} and {list(b.shape)}",
            [("input", input), ("other", other)],
        )
    return tensordot(input, other, dims=([-1], [-1]))  # type: ignore[no-any-return]


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Tensor:
    """The product of two tensors, summed over axes of the one and axes of the other.

    Args:
        dims: how many last axes of `a` meet as many first axes of `b`, or two lists of axes.
    Shapes: the remaining axes of `a`, then those of `b`.
    Gradient: that of the matrix product it is reshaped to.

    >>> import chainrule as torch
    >>> torch.tensordot(torch.ones(2, 3), torch.ones(3, 4), dims=1).shape
    torch.Size([2, 4])
    """
    x, y = a._array, b._array
    if isinstance(dims, Tensor):
        dims = dims._array.tolist()
    if isinstance(dims, (list, tuple)):
        first, second = (d if isinstance(d, (list, tuple)) else [d] for d in dims)
    else:
        if dims < 0:
            raise ArgumentError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(x.ndim, y.ndim):
            raise ShapeError(
                "tensordot expects dims < ndim_a or ndim_b, but got dims="
                f"{dims}, ndim_a={x.ndim}, ndim_b={y.ndim}"
            )
        first, second = range(-dims, 0), range(dims)
    if len(first) != len(second):
        raise ArgumentError("both dimension lists should have same length")
    one = [spec.normalize_axis(int(i), x.ndim) for i in first] if x.ndim else []
    two = [spec.normalize_axis(int(i), y.ndim) for i in second] if y.ndim else []
    alike_or_any(a, b)
    for i, j in zip(one, two, strict=True):
        if x.shape[i] == y.shape[j]:
            continue
        if 1 in (x.shape[i], y.shape[j]):  # torch sums the other one over this axis
            which = a if y.shape[j] == 1 else b
            axis = i if y.shape[j] == 1 else j
            summed = total(which, axis, keepdims=True)
            a, b = (summed, b) if which is a else (a, summed)
            continue
        raise ShapeError(
            f"contracted dimensions need to match, but first has size {x.shape[i]} in dim "
            f"{i - x.ndim if isinstance(dims, int) else i} and second has size {y.shape[j]} in "
            f"dim {j}",
            [("a", a), ("b", b)],
        )
    x, y = a._array, b._array
    rest_x = [i for i in range(x.ndim) if i not in one]
    rest_y = [j for j in range(y.ndim) if j not in two]
    inner_size = spec.size_of([x.shape[i] for i in one])
    shape_x, shape_y = [x.shape[i] for i in rest_x], [y.shape[j] for j in rest_y]
    left = apply(PermuteDims, a, axes=(*rest_x, *one))
    right = apply(PermuteDims, b, axes=(*two, *rest_y))
    left = reshaped(left, spec.size_of(shape_x), inner_size)
    right = reshaped(right, inner_size, spec.size_of(shape_y))
    result = reshaped(product(left, right), *shape_x, *shape_y)
    return result if out is None else store(result, out)  # type: ignore[no-any-return]


def alike_or_any(x: Any, y: Any) -> None:
    if x._array.dtype != y._array.dtype:
        raise DtypeError("both inputs should have same dtype", [("a", x), ("b", y)])


EXPORTS["tensordot"] = tensordot


@public
def kron(input: Any, other: Any) -> Tensor:
    """The Kronecker product: `other`, scaled by each element of `input`, set side by side.

    Shapes: sizes multiply axis by axis; the tensor with fewer axes gets leading ones.
    Gradient: that of the products.

    >>> import chainrule as torch
    >>> torch.kron(torch.tensor([1., 10.]), torch.tensor([1., 2.]))
    tensor([ 1.,  2., 10., 20.])
    """
    if not isinstance(other, Tensor):
        raise ArgumentError(f"argument 'other' must be Tensor, not {type(other).__name__}")
    a, b = input._array.shape, other._array.shape
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    x = reshaped(input, *(s for pair in zip(a, (1,) * n, strict=True) for s in pair))
    y = reshaped(other, *(s for pair in zip((1,) * n, b, strict=True) for s in pair))
    return reshaped(apply(Multiply, x, y), *(i * j for i, j in zip(a, b, strict=True)))  # type: ignore


def cross_product(x: Any, y: Any, axis: int) -> Any:
    """x[1] y[2] - x[2] y[1] and its rotations, along an axis of size 3."""
    shape = spec.broadcast_shapes(x._array.shape, y._array.shape)
    axis %= len(shape)
    x, y = (t if t._array.shape == shape else apply(BroadcastTo, t, shape=shape) for t in (x, y))

    def roll(t: Any, by: int) -> Any:
        return apply(Roll, t, shift=(by,), axis=(axis,))

    first = apply(Multiply, roll(x, -1), roll(y, -2))
    return apply(Subtract, first, apply(Multiply, roll(x, -2), roll(y, -1)))


@public
def cross(input: Any, other: Any, dim: Any = None) -> Tensor:
    """The cross product of vectors of three elements along `dim`, the first axis of size 3 if None.

    Shapes: both broadcast together.
    Gradient: other x g for `input`, g x input for `other`.

    >>> import chainrule as torch
    >>> torch.cross(torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]), dim=0)
    tensor([0., 0., 1.])
    """
    if dim is None:
        if input._array.shape != other._array.shape and input._array.ndim != other._array.ndim:
            raise ShapeError(
                "inconsistent tensors dimensions", [("input", input), ("other", other)]
            )
        dim = next((i for i, s in enumerate(input._array.shape) if s == 3), None)
        if dim is None:
            raise ShapeError("no dimension of size 3 in input", [("input", input)])
    return three_vectors("linalg.cross", input, other, dim)  # type: ignore[no-any-return]


def three_vectors(name: str, x: Any, y: Any, dim: int) -> Any:
    """Check the operands of a cross product, and compute it."""
    a, b = x._array, y._array
    if a.ndim != b.ndim:
        raise ShapeError(
            f"{name}: inputs must have the same number of dimensions.", [("input", x), ("other", y)]
        )
    axis = spec.normalize_axis(dim, a.ndim)
    if a.ndim == 0 or a.shape[axis] != 3 or b.shape[axis] != 3:
        sizes = [t.shape[axis] if t.ndim else 1 for t in (a, b)]
        raise ShapeError(
            f"{name}: inputs dimension {dim} must have length 3. Got {sizes[0]} and {sizes[1]}",
            [("input", x), ("other", y)],
        )
    return cross_product(x, y, axis)


@public
def trace(input: Any) -> Tensor:
    """The sum of a matrix's diagonal.

    Shapes: (n, m) gives a number.
    Gradient: g on the diagonal, 0 elsewhere.

    >>> import chainrule as torch
    >>> torch.trace(torch.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
    """
    rank(input, 2, f"trace: expected a matrix, but got tensor with dim {input._array.ndim}")
    if input._array.dtype.kind == "b":
        raise DtypeError("\"trace\" not implemented for 'Bool'", [("input", input)])
    line = apply(REGISTRY["diagonal"], input, offset=0, axis1=0, axis2=1)
    if line._array.dtype.kind in "iu":
        line = in_dtype(line, np.dtype(np.int64))
    return apply(Sum, line, axis=(0,), keepdims=False)  # type: ignore[no-any-return]
