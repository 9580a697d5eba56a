"""Reading and writing at indices by name: gather, index_select, take, index_add, index_put."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import check_writable, name, write
from chainrule.autograd.record import apply
from chainrule.errors import DimensionError, DtypeError, OutOfRangeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.broadcasting import expanded
from chainrule.functional.shape import reshaped
from chainrule.functional.subscripts import bad_indices, fitting, number_in, put_at, resolved
from chainrule.ops.indexing import Gather, Index, IndexPut
from chainrule.ops.shape import Copy
from chainrule.tensor import Tensor, from_array

Array = Any


def index_array(index: Any, call: str, only64: bool = False) -> Array:
    """The array of an index tensor, of int64 (or int32)."""
    array = index._array
    if array.dtype != np.int64 and (only64 or array.dtype != np.int32):
        kinds = "int64" if only64 else "int32/int64"
        raise DtypeError(f"{call}(): Expected dtype {kinds} for index", [("index", index)],
                         fix="Convert it with .long().")  # fmt: skip
    return array


def vector(index: Any, call: str) -> Array:
    """The array of an index of at most one dimension, as one dimension."""
    array = index_array(index, call)
    if array.ndim > 1:
        raise OutOfRangeError(f"{call}(): Index is supposed to be a vector", [("index", index)])
    return array.reshape(-1)


def check_range(array: Array, n: int, axis: int, x: Any, negative: bool = False) -> None:
    """Raise unless all indices lie within a dimension of size `n`."""
    if array.size and (array.max() >= n or array.min() < (-n if negative else 0)):
        wrong = array[(array >= n) | (array < (-n if negative else 0))].flat[0]
        raise OutOfRangeError(
            f"index {wrong} is out of bounds for dimension {axis} with size {n}",
            [("tensor", x), ("index", array)],
        )


# ---- one index per element ---------------------------------------------------------------------


def check_gather(input: Tensor, axis: int, index: Any, call: str) -> Array:
    """The index of gather or scatter, checked against `input`."""
    array, shape = index._array, input._array.shape
    if array.size == 0:  # of any dtype, in torch
        return array.astype(np.int64)
    array = index_array(index, call)
    if max(array.ndim, 1) != max(len(shape), 1):
        raise ShapeError("Index tensor must have the same number of dimensions as input tensor",
                         [("input", input), ("index", index)])  # fmt: skip
    if not shape or not array.ndim:
        array = array.reshape((1,) * len(shape)) if array.size == 1 else array
    for a, (n, m) in enumerate(zip(array.shape, shape or (1,), strict=False)):
        if a != axis and n > m:
            raise ShapeError(
                f"Size does not match at dimension {a} expected index {list(array.shape)} to be no "
                f"larger than self {list(shape)} apart from dimension {axis}",
                [("input", input), ("index", index)],
            )
    check_range(array, shape[axis] if shape else 1, axis, input)
    return array


@public
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """One element per index: `out[i, j] = input[index[i, j], j]` for `dim=0`, and so on.

    Shapes: `out` has that of `index`, no larger than `input` apart from `dim`.
    Gradient: g added where the elements came from.

    >>> import chainrule as torch
    >>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    axis = spec.normalize_axis(dim, input._array.ndim)
    array = check_gather(input, axis, index, "gather")
    if array.size == 0:
        shape = index._array.shape
        blank = apply(Index, reshaped(input, (-1,) if input._array.size else (0,)),
                      np.zeros(0, np.int64), axes=(0,))  # fmt: skip
        return reshaped(blank, shape)
    out = apply(Gather, input, array, axis=axis)
    return out if out._array.shape == index._array.shape else reshaped(out, index._array.shape)


@public
def take_along_dim(input: Tensor, indices: Tensor, dim: Any = None) -> Tensor:
    """As `gather`, but `input` and `indices` broadcast; without `dim`, from all elements in a row.

    >>> import chainrule as torch
    >>> x = torch.tensor([[3, 1], [2, 4]])
    >>> torch.take_along_dim(x, x.argmax(1, keepdim=True), 1)
    tensor([[3],
            [4]])
    """
    index_array(indices, "take_along_dim", only64=True)
    if dim is None:
        flat = reshaped(input, (input._array.size,))
        return gather(flat, 0, reshaped(indices, (indices._array.size,)))
    if input.ndim != indices.ndim:
        raise ShapeError("torch.take_along_dim(): input and indices should have the same number of "
                         f"dimensions, but got {input.ndim} dimensions for input, and "
                         f"{indices.ndim} dimensions for indices")  # fmt: skip
    axis = spec.normalize_axis(dim, input.ndim)
    own, theirs = list(input._array.shape), list(indices._array.shape)
    joint = spec.broadcast_shapes(
        tuple(1 if a == axis else n for a, n in enumerate(own)),
        tuple(1 if a == axis else n for a, n in enumerate(theirs)),
    )
    wide = expanded(input, tuple(own[a] if a == axis else n for a, n in enumerate(joint)))
    index = expanded(indices, tuple(theirs[a] if a == axis else n for a, n in enumerate(joint)))
    array = index._array
    size = own[axis] if own else 1
    check_range(array, size, axis, input, negative=True)
    if array.size and array.min() < 0:
        index = from_array(np.where(array < 0, array + size, array))
    return gather(wide, axis, index)


# ---- one index per slice -----------------------------------------------------------------------


@public
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of `input` along `dim` at a vector of indices, as a copy.

    Gradient: g added at these slices.

    >>> import chainrule as torch
    >>> torch.index_select(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([1, 1]))
    tensor([[2, 2],
            [4, 4]])
    """
    axis = spec.normalize_axis(dim, input._array.ndim)
    array = vector(index, "index_select")
    shape = input._array.shape
    if array.size and (array.min() < 0 or array.max() >= (shape[axis] if shape else 1)):
        raise OutOfRangeError("index out of range in self", [("input", input), ("index", index)])
    if not shape:
        if array.size != 1:
            raise OutOfRangeError("index_select(): Index to scalar can have only 1 value, got "
                                  f"{array.size} value(s)")  # fmt: skip
        return reshaped(apply(Index, reshaped(input, (1,)), array, axes=(0,)), ())
    return apply(Index, input, array, axes=(axis,))


def at_slices(
    input: Tensor, dim: int, index: Tensor, source: Tensor, call: str, accumulate: bool
) -> Tensor:
    """`input` with the slices of `source` written, or added, at an index vector along `dim`."""
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    array = vector(index, call)
    if source._array.dtype != input._array.dtype:
        raise DtypeError(f"{call}(): self and source expected to have the same dtype, but got "
                         f"(self) {name(input._array.dtype)} and (source) "
                         f"{name(source._array.dtype)}")  # fmt: skip
    count = source._array.shape[axis] if source.ndim else 1
    if count != array.size and not (call == "index_copy" and source.ndim == 0):
        raise OutOfRangeError(
            f"{call}_(): Number of indices ({array.size}) should be equal to source.size(dim): "
            f"({count}), for dim: {axis}", [("index", index), ("source", source)],
        )  # fmt: skip
    check_range(array, shape[axis] if shape else 1, axis, input)
    x = input if shape else reshaped(input, (1,))
    y = source
    wanted = (*x._array.shape[:axis], array.size, *x._array.shape[axis + 1 :])
    if source.ndim and y._array.shape != wanted:
        raise OutOfRangeError(
            f"{call}_(): Source/destination tensor must have same slice shapes: {list(wanted)} is "
            f"needed, source has {list(y._array.shape)}",
            [("input", input), ("source", source)],
        )
    out = apply(IndexPut, x, y, array, axes=(axis,), accumulate=accumulate)
    return out if shape else reshaped(out, ())


@public(inplace=True)
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy of `input` with `alpha * source` added, slice by slice, at the indices along `dim`.

    Gradient: g for `input`, alpha * g at the indices for `source`.

    >>> import chainrule as torch
    >>> torch.index_add(torch.zeros(3), 0, torch.tensor([0, 2, 0]), torch.tensor([1., 2., 3.]))
    tensor([4., 0., 2.])
    """
    scaled = source if alpha == 1 else source * alpha
    return at_slices(input, dim, index, scaled, "index_add", True)


@public(inplace=True)
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy of `input` with the slices of `source` at the indices along `dim`.

    Gradient: g for `input`, 0 where overwritten; g at the indices for `source`.

    >>> import chainrule as torch
    >>> torch.index_copy(torch.zeros(3), 0, torch.tensor([2, 0]), torch.tensor([1., 2.]))
    tensor([2., 0., 1.])
    """
    return at_slices(input, dim, index, source, "index_copy", False)


def zero_dim(value: Any, like: Tensor, call: str) -> Tensor:
    """A number or 0-d tensor as a tensor of `like`'s dtype."""
    if not isinstance(value, Tensor):
        return from_array(number_in(value, like._array.dtype))
    if value.ndim:
        raise ShapeError(f"{call} only supports a 0-dimensional value tensor, but got tensor with "
                         f"{value.ndim} dimension(s).", [("value", value)])  # fmt: skip
    return value if value.dtype == like.dtype else value.to(like.dtype)


@public(inplace=True)
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy of `input` filled with `value`, a number or 0-d tensor, at the indices along `dim`.

    >>> import chainrule as torch
    >>> torch.index_fill(torch.zeros(2, 2), 1, torch.tensor([0]), 5)
    tensor([[5., 0.],
            [5., 0.]])
    """
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    array = vector(index, "index_fill")
    n = shape[axis] if shape else 1
    check_range(array, n, axis, input, negative=True)
    array = np.unique(array % n) if array.size else array  # the value's gradient counts each once
    x = input if shape else reshaped(input, (1,))
    y = zero_dim(value, input, "index_fill_")
    out = apply(IndexPut, x, y, array, axes=(axis,), accumulate=False)
    return out if shape else reshaped(out, ())


# ---- positions in the flat tensor --------------------------------------------------------------


def flat_range(array: Array, n: int, x: Any) -> None:
    if array.size and (array.max() >= n or array.min() < -n):
        wrong = array[(array >= n) | (array < -n)].flat[0]
        raise OutOfRangeError(f"out of range: tried to access index {wrong} on a tensor of {n} "
                              "elements.", [("tensor", x)])  # fmt: skip


@public
def take(input: Tensor, index: Tensor) -> Tensor:
    """Elements of `input`, counted row by row, in the shape of `index`.

    >>> import chainrule as torch
    >>> torch.take(torch.tensor([[1, 2], [3, 4]]), torch.tensor([3, 0]))
    tensor([4, 1])
    """
    array = index_array(index, "take", only64=True)
    flat_range(array, input._array.size, input)
    flat = reshaped(input, (input._array.size,))
    return apply(Index, flat, array, axes=(0,))


@public(inplace=True, out=False)
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of `input` with `source` written, or added, at positions counted row by row.

    >>> import chainrule as torch
    >>> torch.put(torch.zeros(2, 2), torch.tensor([3, 0]), torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 1.]])
    """
    array = index_array(index, "put_", only64=True)
    if source._array.size != array.size:
        raise OutOfRangeError(
            "put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {source._array.size}, index.numel() = {array.size}"
        )
    if source._array.dtype != input._array.dtype:
        raise DtypeError(f"put_(): self and source expected to have the same dtype, but got self."
                         f"dtype = {input.dtype} and source.dtype = {source.dtype}")  # fmt: skip
    flat_range(array, input._array.size, input)
    out = apply(
        IndexPut, reshaped(input, (input._array.size,)), reshaped(source, (array.size,)),
        array.reshape(-1), axes=(0,), accumulate=bool(accumulate),
    )  # fmt: skip
    return reshaped(out, input._array.shape)


# ---- tuples of index tensors -------------------------------------------------------------------


def index_tuple(input: Tensor, indices: Any) -> tuple[Any, Any]:
    """Index arrays and their axes from the tuple that index_put takes (None: the whole axis)."""
    items = tuple(slice(None) if i is None else i for i in indices)
    for i in items:
        if isinstance(i, Tensor) and i._array.dtype not in (np.int64, np.int32, np.bool_, np.uint8):
            raise DimensionError("tensors used as indices must be long, int, byte or bool tensors")
    arrays = [np.asarray(i._array) if isinstance(i, Tensor) else i for i in items]
    arrays = [a.reshape(1) if isinstance(a, np.ndarray) and a.ndim == 0 and a.dtype.kind != "b"
              else a for a in arrays]  # fmt: skip
    scalars = [k for k, i in enumerate(items) if isinstance(i, Tensor) and i.ndim == 0]
    _, picks, axes = resolved(input._array, tuple(arrays))
    if picks is not None and len(scalars) == len(picks) and all(p.size == 1 for p in picks):
        picks = tuple(p.reshape(()) for p in picks)
    return picks, axes


@public(out=False)
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of `input` with `values` at `input[indices]`, or added there if `accumulate`.

    Gradient: g for `input`, 0 where overwritten; g[indices] for `values`.

    >>> import chainrule as torch
    >>> i = torch.tensor([0, 2, 0])
    >>> torch.index_put(torch.zeros(3), (i,), torch.tensor([1., 2., 3.]), accumulate=True)
    tensor([4., 0., 2.])
    """
    if values._array.dtype != input._array.dtype:
        raise DtypeError(
            "Index put requires the source and destination dtypes match, got "
            f"{name(input._array.dtype)} for the destination and {name(values._array.dtype)} for "
            "the source.", [("input", input), ("values", values)],
        )  # fmt: skip
    if any(isinstance(i, Tensor) and i._array.dtype.kind == "b" and i.ndim == 0 for i in indices):
        out = apply(Copy, input)
        out[tuple(indices)] = out[tuple(indices)] + values if accumulate else values
        return out
    picks, axes = index_tuple(input, indices)
    if picks is None:
        y = expanded(values, input._array.shape)
        return input + y if accumulate else apply(Copy, y)
    y = fitting(input._array.shape, picks, axes, values, input)
    try:
        return apply(IndexPut, input, y, *picks, axes=axes, accumulate=bool(accumulate))
    except IndexError:
        raise bad_indices(input._array.shape, picks, axes, input) from None


def _index_put_(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write, or add, `values` at `self[indices]`; returns this tensor."""
    check_writable(self)
    if any(isinstance(i, Tensor) and i._array.dtype.kind == "b" and i.ndim == 0 for i in indices):
        return write(self, index_put(self, indices, values, accumulate))
    picks, axes = index_tuple(self, indices)
    if picks is None:
        return write(self, index_put(self, indices, values, accumulate))
    if values.ndim == 0 and values.dtype != self.dtype:
        index_put(self, indices, values)
    return put_at(self, picks, axes, values, bool(accumulate))


Tensor.index_put_ = _index_put_  # type: ignore[method-assign]


@public(method=False, out=False)
def index_put_(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write, or add, `values` at `input[indices]`, in place.

    >>> import chainrule as torch
    >>> torch.index_put_(torch.zeros(3), (torch.tensor([1]),), torch.tensor(5.))
    tensor([0., 5., 0.])
    """
    return _index_put_(input, indices, values, accumulate)


__all__ = ["check_gather", "vector", "zero_dim"]
