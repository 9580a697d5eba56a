"""Views of a tensor's memory: view, narrow, select, diagonal, unfold, as_strided; and writing
into a copy where a view would be (the `*_scatter` functions)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.inplace import name
from chainrule.autograd.record import apply
from chainrule.backend.numpy_shape import address, memory_of
from chainrule.errors import DimensionError, OutOfRangeError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.shape import inferred, integer, numbers
from chainrule.ops.shape import Copy, Reshape, Slice, WriteView
from chainrule.ops.views import AsStrided, Diagonal, DiagonalScatter, Unfold, ViewDtype
from chainrule.spec import Spec
from chainrule.tensor import Tensor

Array = Any
Shape = tuple[int, ...]


@public(top=False)
def view(self: Tensor, *shape: Any, dtype: Any = None, size: Any = None) -> Tensor:
    """The same memory in another shape, or read as another dtype; never a copy.

    One size may be -1.  With a dtype of another width, the last dimension shrinks or grows.

    Errors: the number of elements must stay the same; memory that another shape would have to
    jump through cannot be viewed (use reshape, which copies then).
    Gradient: g in the shape of `self`.

    >>> import chainrule as torch
    >>> torch.arange(6).view(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    if size is not None:
        shape = (size,)
    if dtype is not None or (len(shape) == 1 and isinstance(shape[0], dtypes.dtype)):
        return view_as_dtype(self, dtypes.numpy_dtype(dtype if dtype is not None else shape[0]))
    array = self._array
    wanted = inferred(numbers(shape, "view"), array.size)
    if not array.flags.c_contiguous:
        try:
            np.reshape(array, wanted, copy=False)
        except ValueError:
            raise not_viewable(self, wanted) from None
    return apply(Reshape, self, shape=wanted)


def not_viewable(x: Tensor, wanted: Shape) -> ShapeError:
    """Why memory cannot be viewed: axes that would be joined but do not follow each other."""
    array = x._array
    borders = {spec.size_of(wanted[:k]) for k in range(1, len(wanted))}  # kept in the new shape
    apart = [
        f"{i} and {i + 1}"
        for i in range(array.ndim - 1)
        if array.strides[i] != array.strides[i + 1] * array.shape[i + 1]
        and spec.size_of(array.shape[: i + 1]) not in borders
    ]
    return ShapeError(
        "view size is not compatible with input tensor's size and stride (at least one dimension "
        "spans across two contiguous subspaces). Use .reshape(...) instead.",
        [("self", x), ("stride", tuple(s // array.itemsize for s in array.strides)),
         ("wanted", wanted)],
        fix=f"In memory, axes {', '.join(apart)} do not follow each other: use .reshape(), which "
        "copies then, or .contiguous().view().",
    )  # fmt: skip


def view_as_dtype(x: Tensor, dtype: Any) -> Tensor:
    """The bytes of `x` as another dtype."""
    array = x._array
    have, want = array.itemsize, dtype.itemsize
    names = (name(array.dtype), name(dtype))
    rule = None
    if have != want:
        if array.ndim == 0:
            rule = (
                f"self.dim() cannot be 0 to view {names[0]} as {names[1]} (different element sizes)"
            )
        elif want > have and array.shape[-1] * have % want:
            rule = (f"self.size(-1) must be divisible by {want // have} to view {names[0]} as "
                    f"{names[1]} (different element sizes), but got {array.shape[-1]}")  # fmt: skip
        elif array.strides[-1] != have and array.shape[-1] != 1:
            rule = f"self.stride(-1) must be 1 to view {names[0]} as {names[1]}"
        elif want > have and any(
            s % want for s, n in zip(array.strides[:-1], array.shape, strict=False) if n > 1
        ):
            rule = f"self.stride() must be divisible by {want // have} on all axes but the last"
    if rule is not None:
        raise ShapeError(rule, [("self", x)], fix="Use .contiguous() first, or .to(dtype).")
    if dtype == array.dtype:
        return apply(Slice, x, index=(Ellipsis,))
    return apply(ViewDtype, x, dtype=dtype)


@public(top=False)
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """The same memory in the shape of `other`.

    >>> import chainrule as torch
    >>> torch.arange(4).view_as(torch.zeros(2, 2)).shape
    torch.Size([2, 2])
    """
    return view(self, other._array.shape)


# ---- parts -----------------------------------------------------------------------------------


def whole(axis: int) -> tuple[slice, ...]:
    """The subscript that passes over the first `axis` axes."""
    return (slice(None),) * axis


@public(out=False)
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """The view of `length` elements from `start` along `dim`.

    >>> import chainrule as torch
    >>> torch.narrow(torch.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    array = input._array
    if array.ndim == 0:
        raise ShapeError("narrow() cannot be applied to a 0-dim tensor.", [("input", input)])
    axis = spec.normalize_axis(dim, array.ndim)
    start, n = integer(start, "narrow", "start"), array.shape[axis]
    if length < 0:
        raise ShapeError("narrow(): length must be non-negative.", [("length", length)])
    if not -n <= start <= n:
        raise OutOfRangeError(f"start out of range (expected to be in range of [{-n}, {n}], but "
                              f"got {start})", [("input", input)])  # fmt: skip
    start += n if start < 0 else 0
    if start + length > n:
        raise ShapeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).",
                         [("input", input)])  # fmt: skip
    return apply(Slice, input, index=(*whole(axis), slice(start, start + length)))


def select_index(x: Tensor, dim: int, index: Any) -> tuple[Any, ...]:
    """The subscript of x.select(dim, index)."""
    shape = x._array.shape
    if not shape:
        raise DimensionError("select() cannot be applied to a 0-dim tensor.", [("input", x)])
    axis = spec.normalize_axis(dim, len(shape))
    i, n = integer(index, "select", "index"), shape[axis]
    if not -n <= i < n:
        raise OutOfRangeError(f"select(): index {i} out of range for tensor of size {list(shape)} "
                              f"at dimension {axis}", [("input", x)])  # fmt: skip
    return (*whole(axis), i, Ellipsis)


@public(out=False)
def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """The view at one `index` of dimension `dim`, which disappears.

    >>> import chainrule as torch
    >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    return apply(Slice, input, index=select_index(input, dim, index))


def slice_index(x: Tensor, dim: int, start: Any, end: Any, step: int) -> tuple[Any, ...]:
    """The subscript of a slice along one dimension."""
    axis = spec.normalize_axis(dim, x._array.ndim)
    if x._array.ndim == 0:
        raise ShapeError("slice() cannot be applied to a 0-dim tensor.", [("input", x)])
    if step <= 0:
        raise ShapeError("slice step must be positive", [("step", step)])
    return (*whole(axis), slice(start, end, step))


@public(method=False)
def slice_copy(
    input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """A copy of the elements from `start` to `end` along `dim`.

    >>> import chainrule as torch
    >>> torch.slice_copy(torch.arange(5), 0, 1, 5, 2)
    tensor([1, 3])
    """
    return apply(Copy, apply(Slice, input, index=slice_index(input, dim, start, end, step)))


@public(out=False)
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the diagonal of dimensions `dim1` and `dim2`, as a last dimension.

    >>> import chainrule as torch
    >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    return apply(Diagonal, input, **diagonal_axes(input, offset, dim1, dim2, input.ndim))


def diagonal_axes(x: Tensor, offset: int, dim1: int, dim2: int, ndim: int) -> dict[str, int]:
    """The metadata of a diagonal."""
    a, b = spec.normalize_axis(dim1, ndim), spec.normalize_axis(dim2, ndim)
    if a == b:
        raise ShapeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}", [("input", x)])
    return {"offset": int(offset), "axis1": a, "axis2": b}


@public(out=False)
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Zeros with `input`'s last dimension on the diagonal of `dim1` and `dim2`.

    >>> import chainrule as torch
    >>> torch.diag_embed(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    own = input._array.shape
    if not own:
        raise DimensionError("Dimension out of range: diag_embed needs at least one dimension")
    how = diagonal_axes(input, offset, dim1, dim2, len(own) + 1)
    size, rest = own[-1] + abs(offset), iter(own[:-1])
    axes = (how["axis1"], how["axis2"])
    shape = tuple(size if a in axes else next(rest) for a in range(len(own) + 1))
    return apply(DiagonalScatter, input, shape=shape, **how)


@public
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """A matrix with `input` on its diagonal; or, of a matrix, a copy of its diagonal.

    >>> import chainrule as torch
    >>> torch.diag(torch.tensor([1, 2])), torch.diag(torch.tensor([[1, 2], [3, 4]]), 1)
    (tensor([[1, 0],
            [0, 2]]), tensor([2]))
    """
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    if input.ndim != 2:
        raise ShapeError(
            f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D", [("input", input)]
        )
    return apply(Copy, EXPORTS["diagonal"](input, diagonal))


@public(out=False)
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """A matrix with all elements of `input` on its diagonal.

    >>> import chainrule as torch
    >>> torch.diagflat(torch.tensor([[1], [2]]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(EXPORTS["flatten"](input), offset)


@public(top=False)
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of `size` elements, every `step`, along a dimension, as a last one.

    Gradient: each window's g, added back in its place.

    >>> import chainrule as torch
    >>> torch.arange(5).unfold(0, 3, 2)
    tensor([[0, 1, 2],
            [2, 3, 4]])
    """
    array = self._array
    axis = spec.normalize_axis(dimension, array.ndim)
    n = array.shape[axis] if array.ndim else 1
    if size < 0:
        raise ShapeError(f"size is {size} but must be >= 0")
    if size > n:
        raise ShapeError(f"maximum size for tensor at dimension {axis} is {n} but size is {size}",
                         [("self", self)])  # fmt: skip
    if step <= 0:
        raise ShapeError(f"step is {step} but must be > 0")
    if array.ndim == 0:
        return apply(Slice, apply(Reshape, self, shape=(1,)), index=(slice(0, size),))
    return apply(Unfold, self, axis=axis, size=size, step=step)


def strides_in_elements(array: Array) -> Shape:
    return tuple(s // array.itemsize for s in array.strides)


def storage_place(array: Array) -> int:
    """Where the first element lies in its memory, counted in elements."""
    return (address(array) - address(memory_of(array))) // array.itemsize


def strided_static(x: Tensor, size: Any, stride: Any, offset: Any) -> dict[str, Any]:
    """The metadata of as_strided, checked against the memory there is."""
    array = x._array
    shape, strides = numbers((size,), "as_strided"), numbers((stride,), "as_strided", "stride")
    place = storage_place(array)
    start = place if offset is None else integer(offset, "as_strided", "storage_offset")
    if len(shape) != len(strides):
        raise ShapeError("mismatch in length of strides and shape",
                         [("size", shape), ("stride", strides)])  # fmt: skip
    if any(s < 0 for s in strides):
        raise ShapeError("as_strided: Negative strides are not supported at the moment, got "
                         f"strides: {list(strides)}")  # fmt: skip
    if start < 0:
        raise ShapeError(f"Tensor: invalid storage offset {start}")
    memory = memory_of(array)
    last = start + sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) + 1
    if 0 not in shape and last * array.itemsize > memory.nbytes:
        raise ShapeError(
            f"setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset {start}, "
            f"and itemsize {array.itemsize} requiring a storage size of {last * array.itemsize} "
            f"are out of bounds for storage of size {memory.nbytes}", [("input", x)],
        )  # fmt: skip
    return {"shape": shape, "strides": strides, "offset": start,
            "source": (strides_in_elements(array), place)}  # fmt: skip


@public(out=False)
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """A view of `input`'s memory with any size, stride and offset, counted in elements.

    Errors: what lies outside the memory, and negative strides.
    Gradient: g added where each element was read.

    >>> import chainrule as torch
    >>> torch.as_strided(torch.arange(5), (3, 2), (1, 2))
    tensor([[0, 2],
            [1, 3],
            [2, 4]])
    """
    return apply(AsStrided, input, **strided_static(input, size, stride, storage_offset))


def _as_strided_(self: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """Give this tensor another size and stride over its memory."""
    from chainrule.functional.memory import become

    return become(self, as_strided(self, size, stride, storage_offset))


Tensor.as_strided_ = _as_strided_  # type: ignore[method-assign]


# ---- copies written where a view would be -------------------------------------------------------


def scattered(input: Tensor, src: Tensor, op: Any, static: dict[str, Any]) -> Tensor:
    """A copy of `input` with `src` in one of its views."""
    array = input._array
    region = op.spec(Spec(array.shape, array.dtype), **static).shape
    if src._array.shape != region:
        raise ShapeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src._array.shape)}, slice size = {list(region)}",
            [("input", input), ("src", src)],
        )
    if src._array.dtype != array.dtype:
        src = src.to(input.dtype)
    return apply(WriteView, input, src, steps=((op, static),))


@public
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of `input` with `src` at one `index` of `dim`.

    Gradient: g for `input`, 0 where it was overwritten; that part of g for `src`.

    >>> import chainrule as torch
    >>> torch.select_scatter(torch.zeros(2, 2), torch.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    return scattered(input, src, Slice, {"index": select_index(input, dim, index)})


@public
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """A copy of `input` with `src` in the slice from `start` to `end` along `dim`.

    >>> import chainrule as torch
    >>> torch.slice_scatter(torch.zeros(4), torch.ones(2), 0, 1, 3)
    tensor([0., 1., 1., 0.])
    """
    return scattered(input, src, Slice, {"index": slice_index(input, dim, start, end, step)})


@public
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> Tensor:
    """A copy of `input` with `src` on a diagonal.

    >>> import chainrule as torch
    >>> torch.diagonal_scatter(torch.zeros(2, 2), torch.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    return scattered(input, src, Diagonal, diagonal_axes(input, offset, dim1, dim2, input.ndim))


@public
def as_strided_scatter(
    input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: Any = None
) -> Tensor:
    """A copy of `input` with `src` where `as_strided` would read.

    >>> import chainrule as torch
    >>> torch.as_strided_scatter(torch.zeros(4), torch.ones(2), (2,), (3,))
    tensor([1., 0., 0., 1.])
    """
    return scattered(input, src, AsStrided, strided_static(input, size, stride, storage_offset))


__all__ = ["not_viewable", "storage_place", "whole"]
