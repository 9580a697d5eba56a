"""Cutting a tensor into parts, which are views: split, chunk, tensor_split, unbind."""

from __future__ import annotations

import itertools
from typing import Any

from chainrule import spec
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.errors import DimensionError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.shape import integer, numbers
from chainrule.functional.views import whole
from chainrule.ops.shape import Copy, Slice
from chainrule.ops.views import Split, Unbind
from chainrule.tensor import Tensor, register_view

Parts = tuple[Tensor, ...]


def as_views(x: Tensor, parts: Parts, subscripts: Any) -> Parts:
    """Remember of which tensor the parts are views, so that writes into them reach it."""
    for part, index in zip(parts, subscripts, strict=True):
        if mode.recording:
            register_view(part, x, Slice, {"index": index})
        else:
            part._base = x if x._base is None else x._base
            part._untracked = x._untracked
    return parts


def cut(x: Tensor, axis: int, sizes: tuple[int, ...]) -> Parts:
    """The parts of these sizes along an axis.

    They share one node, whose gradient is the parts' joined: the cost of one pass over x, however
    many there are.
    """
    if not sizes:
        return ()
    lead, start, subscripts = whole(axis), 0, []
    for n in sizes:
        subscripts.append((*lead, slice(start, start + n)))
        start += n
    return as_views(x, apply(Split, x, axis=axis, sizes=sizes), subscripts)


def axis_of(x: Tensor, dim: int, call: str) -> int:
    if x._array.ndim == 0:
        raise ShapeError(f"{call} expects at least a 1-dimensional tensor", [("input", x)])
    return spec.normalize_axis(dim, x._array.ndim)


def even(n: int, size: int) -> tuple[int, ...]:
    """`n` cut into pieces of `size`, the last one smaller if need be; one empty piece if n = 0."""
    if n == 0:
        return (0,)
    return (size,) * (n // size) + ((n % size,) if n % size else ())


@public(out=False)
def split(tensor: Tensor, split_size_or_sections: Any = None, dim: int = 0, *,
          split_size: Any = None) -> Parts:  # fmt: skip
    """Views of `tensor` cut along `dim`: into pieces of one size, or of the sizes in a list.

    Gradient: the parts' gradients, joined.

    >>> import chainrule as torch
    >>> torch.split(torch.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    sizes = split_size if split_size_or_sections is None else split_size_or_sections
    if isinstance(sizes, (list, tuple)):
        return split_with_sizes(tensor, sizes, dim)
    axis, size = axis_of(tensor, dim, "split"), integer(sizes, "split", "split_size")
    n = tensor._array.shape[axis]
    if size < 0:
        raise ShapeError(f"split expects split_size be non-negative, but got split_size={size}")
    if size == 0 and n:
        raise ShapeError("split_size can only be 0 if dimension size is 0, but got dimension size "
                         f"of {n}", [("tensor", tensor)])  # fmt: skip
    return cut(tensor, axis, even(n, size))


@public(out=False)
def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> Parts:
    """Views of `input` cut along `dim` into pieces of these sizes.

    >>> import chainrule as torch
    >>> torch.split_with_sizes(torch.arange(3), (1, 2))
    (tensor([0]), tensor([1, 2]))
    """
    axis, sizes = axis_of(input, dim, "split"), numbers((split_sizes,), "split", "split_sizes")
    n = input._array.shape[axis]
    if any(s < 0 for s in sizes):
        raise ShapeError("split_with_sizes expects split_sizes have only non-negative entries, but "
                         f"got split_sizes={list(sizes)}")  # fmt: skip
    if sum(sizes) != n:
        raise ShapeError(
            f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at "
            f"dimension {axis}), but got split_sizes={list(sizes)}", [("input", input)],
        )  # fmt: skip
    return cut(input, axis, sizes)


@public(out=False)
def chunk(input: Tensor, chunks: int, dim: int = 0) -> Parts:
    """At most `chunks` views of equal size along `dim`; the last may be smaller.

    >>> import chainrule as torch
    >>> torch.chunk(torch.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    axis = axis_of(input, dim, "chunk")
    if chunks <= 0:
        raise ShapeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input._array.shape[axis]
    if n == 0:
        return cut(input, axis, (0,) * chunks)
    return cut(input, axis, even(n, -(-n // chunks)))


EXPORTS["unsafe_chunk"] = Tensor.unsafe_chunk = chunk  # type: ignore[attr-defined]
EXPORTS["unsafe_split"] = Tensor.unsafe_split = split  # type: ignore[attr-defined]
EXPORTS["unsafe_split_with_sizes"] = split_with_sizes
Tensor.unsafe_split_with_sizes = split_with_sizes  # type: ignore[attr-defined]


@public(out=False)
def tensor_split(input: Tensor, indices_or_sections: Any = None, dim: int = 0, *,
                 indices: Any = None, sections: Any = None) -> Parts:  # fmt: skip
    """Views cut along `dim` into this many nearly equal parts, or before these indices.

    >>> import chainrule as torch
    >>> torch.tensor_split(torch.arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    >>> torch.tensor_split(torch.arange(5), (1, 3))
    (tensor([0]), tensor([1, 2]), tensor([3, 4]))
    """
    given = next(v for v in (indices_or_sections, indices, sections, 0) if v is not None)
    if input._array.ndim == 0:
        raise ShapeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor "
                         "with 0 dims", [("input", input)])  # fmt: skip
    axis = spec.normalize_axis(dim, input._array.ndim)
    n = input._array.shape[axis]
    if isinstance(given, Tensor):
        if given.ndim > 1:
            raise ShapeError("tensor_split expected tensor_indices_or_sections to be a "
                             f"zero-dimensional or one-dimensional tensor, but got a tensor with "
                             f"{given.ndim} dims")  # fmt: skip
        if given.dtype.dtype != spec.INT64:
            raise ShapeError("tensor_split expected tensor_indices_or_sections to have dtype of "
                             f"long, but got {given.dtype}")  # fmt: skip
        given = given._array.tolist()
    if isinstance(given, (list, tuple)):
        stops = [slice(0, integer(i, "tensor_split", "indices")).indices(n)[1] for i in given]
        edges = [0, *stops, n]
        pairs = itertools.pairwise(edges)
        return tuple(
            apply(Slice, input, index=(*whole(axis), slice(a, max(a, b)))) for a, b in pairs
        )
    parts = integer(given, "tensor_split", "sections")
    if parts <= 0:
        raise ShapeError(f"number of sections must be larger than 0, got {parts}")
    each, more = divmod(n, parts)
    return cut(input, axis, (each + 1,) * more + (each,) * (parts - more))


def split_along(input: Tensor, given: Any, axis: int, call: str) -> Parts:
    if isinstance(given, int) and (given <= 0 or input._array.shape[axis] % given):
        raise ShapeError(
            f"torch.{call} attempted to split along dimension {axis}, but the size of the "
            f"dimension {input._array.shape[axis]} is not divisible by the split_size {given}!",
            [("input", input)], fix="Use tensor_split, which allows unequal parts.",
        )  # fmt: skip
    return tensor_split(input, given, axis)


def need_dims(input: Tensor, n: int, call: str) -> None:
    if input._array.ndim < n:
        raise ShapeError(
            f"torch.{call} requires a tensor with at least {n} dimension, but got a tensor with "
            f"{input._array.ndim} dimensions!",
            [("input", input)],
        )


@public(out=False)
def hsplit(input: Tensor, indices_or_sections: Any) -> Parts:
    """Views cut side by side: along dimension 1, or 0 if it is the only one.

    >>> import chainrule as torch
    >>> torch.hsplit(torch.arange(4), 2)
    (tensor([0, 1]), tensor([2, 3]))
    """
    need_dims(input, 1, "hsplit")
    return split_along(input, indices_or_sections, min(1, input._array.ndim - 1), "hsplit")


@public(out=False)
def vsplit(input: Tensor, indices_or_sections: Any) -> Parts:
    """Views cut one above the other: along dimension 0 of at least two.

    >>> import chainrule as torch
    >>> [part.shape for part in torch.vsplit(torch.zeros(4, 3), 2)]
    [torch.Size([2, 3]), torch.Size([2, 3])]
    """
    need_dims(input, 2, "vsplit")
    return split_along(input, indices_or_sections, 0, "vsplit")


@public(out=False)
def dsplit(input: Tensor, indices_or_sections: Any) -> Parts:
    """Views cut in depth: along dimension 2 of at least three.

    >>> import chainrule as torch
    >>> [part.shape for part in torch.dsplit(torch.zeros(2, 3, 4), (1,))]
    [torch.Size([2, 3, 1]), torch.Size([2, 3, 3])]
    """
    need_dims(input, 3, "dsplit")
    return split_along(input, indices_or_sections, 2, "dsplit")


@public(out=False)
def unbind(input: Tensor, dim: int = 0) -> Parts:
    """Views of all slices along `dim`, which disappears.

    Gradient: the parts' gradients, stacked.

    >>> import chainrule as torch
    >>> torch.unbind(torch.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    array = input._array
    if array.ndim == 0:
        raise DimensionError(f"Dimension specified as {dim} but tensor has no dimensions")
    axis = spec.normalize_axis(dim, array.ndim)
    n = array.shape[axis]
    if n == 0:
        return ()
    lead = whole(axis)
    parts = apply(Unbind, input, axis=axis, count=n)
    return as_views(input, parts, [(*lead, i, Ellipsis) for i in range(n)])


@public(method=False)
def unbind_copy(input: Tensor, dim: int = 0) -> Parts:
    """Copies of all slices along `dim`.

    >>> import chainrule as torch
    >>> torch.unbind_copy(torch.tensor([1, 2]))
    (tensor(1), tensor(2))
    """
    return tuple(apply(Copy, part) for part in unbind(input, dim))


@public(method=False)
def split_copy(input: Tensor, split_size: Any, dim: int = 0) -> Parts:
    """Copies of the parts that `split` gives.

    >>> import chainrule as torch
    >>> torch.split_copy(torch.arange(3), 2)
    (tensor([0, 1]), tensor([2]))
    """
    return tuple(apply(Copy, part) for part in split(input, split_size, dim))


@public(method=False)
def split_with_sizes_copy(input: Tensor, split_sizes: Any, dim: int = 0) -> Parts:
    """Copies of the parts that `split_with_sizes` gives.

    >>> import chainrule as torch
    >>> torch.split_with_sizes_copy(torch.arange(3), (1, 2))
    (tensor([0]), tensor([1, 2]))
    """
    return tuple(apply(Copy, part) for part in split_with_sizes(input, split_sizes, dim))


def __iter__(self: Tensor) -> Any:
    """The slices along the first dimension, one after another."""
    if self._array.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(self, 0))


Tensor.__iter__ = __iter__  # type: ignore[method-assign]
