"""Order with torch's names: sort, topk, unique, searchsorted, isin."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import return_types, spec
from chainrule.autograd.record import apply
from chainrule.backend import numpy_unique as raw
from chainrule.errors import ArgumentError, OutOfRangeError, ShapeError
from chainrule.functional.border import EXPORTS, public, store
from chainrule.functional.extrema import at_least_1d
from chainrule.functional.reduction import in_dtype
from chainrule.ops import sorting as ops
from chainrule.ops.comparison import LogicalNot
from chainrule.ops.shape import Reshape
from chainrule.tensor import Tensor, from_array


def arranged(kind: Any, by: Any, input: Any, dim: int, **static: Any) -> Any:
    """Values and indices of a rearrangement along `dim`; no element is taken twice."""
    ndim = input._array.ndim
    axis = spec.normalize_axis(dim, ndim)
    line = at_least_1d(input)
    index = apply(by, line, axis=axis, **static)
    values = apply(ops.TakeAlongAxis, line, index, axis=axis, distinct=True)
    if not ndim:
        values, index = (apply(Reshape, t, shape=input._array.shape) for t in (values, index))
    return kind((values, index))


@public
def sort(input: Any, dim: int = -1, descending: bool = False, *, stable: Any = None) -> Any:
    """The elements in order along `dim`, and where they were.

    With `stable`, equal elements keep their order; without, they come as torch's sort leaves them
    (in tensors of more than 10 000 elements they keep it all the same).  NaN is largest.
    Gradient: g, moved back to where the elements were.

    >>> import chainrule as torch
    >>> torch.sort(torch.tensor([3., 1., 2.]))
    torch.return_types.sort(
    values=tensor([1., 2., 3.]),
    indices=tensor([1, 2, 0]))
    """
    return arranged(
        return_types.sort, ops.ArgSort, input, dim, descending=bool(descending), stable=bool(stable)
    )


@public
def argsort(input: Any, dim: int = -1, descending: bool = False, *, stable: Any = None) -> Tensor:
    """The order that sorts `input` along `dim`; equal elements as in `sort`.

    >>> import chainrule as torch
    >>> torch.argsort(torch.tensor([3., 1., 2.]))
    tensor([1, 2, 0])
    """
    axis = spec.normalize_axis(dim, input._array.ndim)
    out = apply(
        ops.ArgSort, at_least_1d(input), axis=axis, descending=bool(descending), stable=bool(stable)
    )
    return out if input._array.ndim else apply(Reshape, out, shape=())  # type: ignore


@public
def msort(input: Any) -> Tensor:
    """The elements in ascending order along the first dimension.

    Gradient: g, moved back to where the elements were.

    >>> import chainrule as torch
    >>> torch.msort(torch.tensor([[3., 1.], [2., 4.]]))
    tensor([[2., 1.],
            [3., 4.]])
    """
    return sort(input, 0)[0]  # type: ignore[no-any-return]


@public
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) elements along `dim`, the most extreme first, and their places.

    Gradient: g at the indices.
    Errors: k must lie between 0 and the size of `dim`.

    >>> import chainrule as torch
    >>> torch.topk(torch.tensor([1., 4., 2., 3.]), 2)
    torch.return_types.topk(
    values=tensor([4., 3.]),
    indices=tensor([1, 3]))
    """
    array = input._array
    axis = spec.normalize_axis(dim, array.ndim)
    size = array.shape[axis] if array.ndim else 1
    k = int(k)
    if not 0 <= k <= size:
        raise OutOfRangeError(
            "selected index k out of range",
            [("input", input), ("k", k)],
            fix=f"k must lie between 0 and {size}.",
        )
    if not array.ndim and k == 0:
        input = at_least_1d(input)
    by, kind = ops.ArgTopK, return_types.topk
    return arranged(kind, by, input, dim, k=k, largest=bool(largest))


def flagged(found: tuple[Any, ...], flags: tuple[bool, ...]) -> Any:
    """The first of `found` and those of the others that are asked for, as tensors."""
    wanted = [from_array(found[0])]
    wanted += [from_array(v) for v, flag in zip(found[1:], flags, strict=True) if flag]
    return wanted[0] if len(wanted) == 1 else tuple(wanted)


@public(out=False)
def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """The different elements in order; with `dim`, the different slices along it.

    Returns a tensor, or a tuple with, in this order, where each element of the input went
    (`return_inverse`) and how often each occurs (`return_counts`).  NaN differs from NaN.

    >>> import chainrule as torch
    >>> torch.unique(torch.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    flags = (return_inverse, return_counts)
    if dim is None:
        return flagged(raw.unique(input._array), flags)
    axis = spec.normalize_axis(dim, input._array.ndim)
    return flagged(raw.unique_slices(at_least_1d(input)._array, axis), flags)


@public(out=False)
def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The elements without those that equal the one before; with `dim`, slices along it.

    Returns as `unique` does.

    >>> import chainrule as torch
    >>> torch.unique_consecutive(torch.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    flags = (return_inverse, return_counts)
    if dim is None:
        array = input._array
        values, inverse, counts = raw.runs(array.reshape(-1), 0)
        return flagged((values, inverse.reshape(array.shape), counts), flags)
    axis = spec.normalize_axis(dim, input._array.ndim)
    return flagged(raw.runs(at_least_1d(input)._array, axis), flags)


@public(method=False)
def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: Any = None,
    sorter: Any = None,
) -> Tensor:
    """Where each of `input` would go into the sorted sequence: before equals, or after (`right`).

    Shapes: as `input`; the sequence is 1-d, or has the leading sizes of `input`.
    Errors: side="left" with right=True.

    >>> import chainrule as torch
    >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 6]))
    tensor([1, 3])
    """
    if side not in (None, "left", "right"):
        raise ArgumentError(f"torch.searchsorted(): side can only be 'left' or 'right' but got "
                            f"{side}")  # fmt: skip
    if side == "left" and right:
        raise ArgumentError("torch.searchsorted(): side and right can't be set to opposites, got "
                            "side of left while right was True")  # fmt: skip
    edges = sorted_sequence._array
    values = input._array if isinstance(input, Tensor) else np.asarray(input)
    if edges.ndim == 0:
        raise ShapeError("torch.searchsorted(): boundaries tensor should have positive dimension",
                         [("sorted_sequence", sorted_sequence)])  # fmt: skip
    if edges.ndim != 1 and (values.ndim == 0 or edges.shape[:-1] != values.shape[:-1]):
        raise ShapeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
            "dimensions of boundaries tensor and input value tensor must match",
            [("sorted_sequence", sorted_sequence), ("input", values)],
        )
    if sorter is not None:
        if sorter._array.shape != edges.shape:
            raise ShapeError(
                "torch.searchsorted(): boundary and sorter must have the same size",
                [("sorted_sequence", sorted_sequence), ("sorter", sorter)],
            )
        edges = np.take_along_axis(edges, sorter._array, -1)
    out = apply(ops.SearchSorted, from_array(edges), from_array(values),
                right=right or side == "right")  # fmt: skip
    return in_dtype(out, np.dtype(np.int32)) if out_int32 else out


@public(method=False)
def bucketize(
    input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False
) -> Tensor:
    """The number of the bucket, between sorted 1-d `boundaries`, that each of `input` falls in.

    >>> import chainrule as torch
    >>> torch.bucketize(torch.tensor([0.5, 3., 9.]), torch.tensor([1., 3., 5.]))
    tensor([0, 1, 3])
    """
    if boundaries._array.ndim != 1:
        raise ShapeError("torch.bucketize(): boundaries tensor must be 1 dimension",
                         [("boundaries", boundaries)])  # fmt: skip
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)  # type: ignore


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False,
    out: Any = None,
) -> Tensor:  # fmt: skip
    """Whether each of `elements` is among `test_elements`; either may be a number.

    >>> import chainrule as torch
    >>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 5]))
    tensor([False,  True, False])
    """
    x, test = (
        t if isinstance(t, Tensor) else from_array(np.asarray(t)) for t in (elements, test_elements)
    )
    result: Tensor = apply(ops.IsIn, x, test)
    if invert:
        result = apply(LogicalNot, result)
    return result if out is None else store(result, out)  # type: ignore[no-any-return]


EXPORTS["isin"] = isin
