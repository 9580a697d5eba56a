"""Choosing elements with torch's names: max, min, median, mode, and their positions."""

from __future__ import annotations

from typing import Any

from chainrule import return_types, spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DimensionError, DtypeError, OutOfRangeError, ShapeError
from chainrule.functional.border import op, public
from chainrule.functional.reduction import amax, amin
from chainrule.ops import reduction as reductions
from chainrule.ops import sorting as ops
from chainrule.ops.shape import Reshape
from chainrule.tensor import Tensor


def at_least_1d(input: Any) -> Any:
    """A 0-d tensor as one of one element; others as they are."""
    return input if input._array.ndim else apply(Reshape, input, shape=(1,))


def chosen(kind: Any, by: Any, input: Any, dim: Any, keepdim: bool, **static: Any) -> Any:
    """Values and indices along `dim` as a result of type `kind`; `by` is the op that finds them."""
    array = input._array
    if type(dim) is not int:
        dim = integer(dim, kind.__name__)
    ndim = array.ndim
    axis = dim if 0 <= dim < ndim else spec.normalize_axis(dim, ndim)
    line = input if ndim else at_least_1d(input)
    if line._array.shape[axis] == 0:
        raise DimensionError(
            f"{kind.__name__}(): Expected reduction dim {axis} to have non-zero size.",
            [("input", input)],
        )
    index = apply(by, line, axis=axis, keepdims=keepdim, **static)
    values = apply(ops.Choose, line, index, axis=axis, keepdims=keepdim)
    if not ndim and keepdim:
        values, index = (apply(Reshape, t, shape=()) for t in (values, index))
    return kind((values, index))


def integer(value: Any, function: str) -> int:
    """An integer argument that came as something else than int."""
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise ArgumentError(
            f"{function}(): dim must be an int, not {type(value).__name__}"
        ) from None


def largest_or_smallest(
    kind: Any, by: Any, every: Any, pairwise: str, input: Any, dim: Any, keepdim: bool, other: Any
) -> Any:
    """The three forms of `max` and `min`."""
    if isinstance(dim, Tensor):
        dim, other = None, dim
    if other is not None:
        return apply(op(pairwise), input, other)
    if dim is not None:
        return chosen(kind, by, input, dim, keepdim)
    if input._array.size == 0:
        every.spec(spec.Spec(input._array.shape, input._array.dtype))
    return apply(every, input)


@public
def max(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The largest element; with `dim`, the largest along it and where they are.

    `max(input, other)` with two tensors is `maximum`.  NaN counts as largest.  Of equal elements
    the first is taken.
    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: without `dim`, g split equally among equals; with it, g at the indices.

    >>> import chainrule as torch
    >>> torch.max(torch.tensor([1., 3., 2.]))
    tensor(3.)
    >>> torch.max(torch.tensor([[1., 3.], [4., 2.]]), dim=1)
    torch.return_types.max(
    values=tensor([3., 4.]),
    indices=tensor([1, 0]))
    """
    return largest_or_smallest(
        return_types.max, ops.ArgMax, reductions.MaxAll, "maximum", input, dim, keepdim, other
    )


@public
def min(input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The smallest element; with `dim`, the smallest along it and where they are.

    `min(input, other)` with two tensors is `minimum`.  NaN propagates.  Of equal elements the
    first is taken.
    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: without `dim`, g split equally among equals; with it, g at the indices.

    >>> import chainrule as torch
    >>> torch.min(torch.tensor([[1., 3.], [4., 2.]]), dim=1)
    torch.return_types.min(
    values=tensor([1., 2.]),
    indices=tensor([0, 1]))
    """
    return largest_or_smallest(
        return_types.min, ops.ArgMin, reductions.MinAll, "minimum", input, dim, keepdim, other
    )


@public
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest elements, of all or along `dim`.

    Gradient: g, split equally among equals.

    >>> import chainrule as torch
    >>> torch.aminmax(torch.tensor([1., 3., 2.]))
    torch.return_types.aminmax(
    min=tensor(1.),
    max=tensor(3.))
    """
    if input._array.size == 0 and dim is None:
        raise ShapeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no "
            "identity.", [("input", input)],
        )  # fmt: skip
    dims = () if dim is None else (dim,)
    return return_types.aminmax((amin(input, dims, keepdim), amax(input, dims, keepdim)))


@public
def argmax(input: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Where the largest element is: the first of equal ones.  Without `dim`, in flat order.

    >>> import chainrule as torch
    >>> torch.argmax(torch.tensor([[1., 3.], [4., 2.]]), dim=1)
    tensor([1, 0])
    """
    return position(ops.ArgMax, input, dim, keepdim)


@public
def argmin(input: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Where the smallest element is: the first of equal ones.  Without `dim`, in flat order.

    >>> import chainrule as torch
    >>> torch.argmin(torch.tensor([[1., 3.], [4., 2.]]), dim=1)
    tensor([0, 1])
    """
    return position(ops.ArgMin, input, dim, keepdim)


def position(by: Any, input: Any, dim: Any, keepdim: bool) -> Tensor:
    """`argmax` or `argmin`, flat if `dim` is None."""
    array = input._array
    if array.dtype.kind == "b":
        raise DtypeError(f"{by.name}(): does not support bool input", [("input", input)],
                         fix="Convert it first, with .int().")  # fmt: skip
    if dim is None:
        if array.size == 0:
            raise DimensionError(
                f"{by.name}(): Expected reduction dim to be specified for input.numel() == 0.",
                [("input", input)],
            )
        flat = input if array.ndim == 1 else apply(Reshape, input, shape=(array.size,))
        out = apply(by, flat, axis=0, keepdims=False)
        return apply(Reshape, out, shape=(1,) * array.ndim) if keepdim else out  # type: ignore
    axis = spec.normalize_axis(integer(dim, by.name), array.ndim)
    line = at_least_1d(input)
    if line._array.shape[axis] == 0:
        raise DimensionError(f"{by.name}(): Expected reduction dim {axis} to have non-zero size.",
                             [("input", input)])  # fmt: skip
    out = apply(by, line, axis=axis, keepdims=keepdim)
    return out if array.ndim else apply(Reshape, out, shape=())  # type: ignore[no-any-return]


def middle(kind: Any, every: Any, input: Any, dim: Any, keepdim: bool, ignored: bool) -> Any:
    """`median` or `nanmedian`."""
    array = input._array
    if array.dtype.kind in "bc":
        raise DtypeError(f'"median_cpu" not implemented for \'{word(array.dtype)}\'',
                         [("input", input)])  # fmt: skip
    if dim is not None:
        return chosen(kind, ops.ArgMedian, input, dim, keepdim, ignored=ignored)
    if array.size == 0:
        return apply(reductions.Mean, apply(Reshape, input, shape=(0,)), axis=(0,), keepdims=False)
    return apply(every, input)


@public
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The middle element in order, the lower of two; with `dim`, along it with its place.

    NaN if there is a NaN.
    Gradient: without `dim`, g split equally among equals; with it, g at the indices.

    >>> import chainrule as torch
    >>> torch.median(torch.tensor([1., 4., 2., 3.]))
    tensor(2.)
    """
    kind, every = return_types.median, reductions.MedianAll
    return middle(kind, every, input, dim, keepdim, ignored=False)


@public
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The median of the elements that are not NaN.

    Gradient: as for `median`.

    >>> import chainrule as torch
    >>> torch.nanmedian(torch.tensor([1., float("nan"), 2.]))
    tensor(1.)
    """
    kind, every = return_types.nanmedian, reductions.NanMedianAll
    return middle(kind, every, input, dim, keepdim, ignored=True)


@public
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along `dim`, the smallest of equally frequent ones, and its place.

    Gradient: g at the indices.

    >>> import chainrule as torch
    >>> torch.mode(torch.tensor([3, 1, 3, 2]))
    torch.return_types.mode(
    values=tensor(3),
    indices=tensor(2))
    """
    return chosen(return_types.mode, ops.ArgMode, input, dim, keepdim)


@public
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element along `dim`, k from 1, and its place.

    Gradient: g at the indices.
    Errors: k must lie between 1 and the size of `dim`.

    >>> import chainrule as torch
    >>> torch.kthvalue(torch.tensor([3., 1., 2.]), 2)
    torch.return_types.kthvalue(
    values=tensor(2.),
    indices=tensor(2))
    """
    array = input._array
    axis = spec.normalize_axis(dim, array.ndim)
    size = array.shape[axis] if array.ndim else 1
    if not 1 <= k <= size:
        raise OutOfRangeError(
            f"kthvalue(): selected number k out of range for dimension {axis}",
            [("input", input), ("k", k)],
            fix=f"k must lie between 1 and {size}.",
        )
    return chosen(return_types.kthvalue, ops.ArgKth, input, axis, keepdim, k=k)
