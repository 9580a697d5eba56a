"""The same elements elsewhere: flip, roll, rot90, tril, triu, repeat_interleave."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.shape import numbers, reshaped
from chainrule.ops.indexing import Index
from chainrule.ops.shape import Flip, Roll, SwapAxes, Tril, Triu
from chainrule.tensor import Tensor, from_array


def flipped(x: Tensor, dims: tuple[int, ...]) -> Tensor:
    axes = tuple(spec.normalize_axis(d, x._array.ndim) for d in dims)
    for a in axes:
        if axes.count(a) > 1:
            raise ShapeError(f"dim {a} appears multiple times in the list of dims")
    return apply(Flip, x, axis=tuple(sorted(axes)) if x._array.ndim else ())


@public(method=False, out=False)
def flip(input: Tensor, dims: Any) -> Tensor:
    """A copy in reverse order along `dims`.

    Gradient: g reversed.

    >>> import chainrule as torch
    >>> torch.flip(torch.tensor([1, 2, 3]), (0,))
    tensor([3, 2, 1])
    """
    dims = (dims,) if not isinstance(dims, (tuple, list)) else dims
    return flipped(input, numbers(dims, "flip", "dims"))


def _flip(self: Tensor, *dims: Any, **named: Any) -> Tensor:
    """A copy in reverse order: `torch.flip`."""
    return flipped(self, numbers(dims or (named.get("dims", ()),), "flip", "dims"))


Tensor.flip = _flip  # type: ignore[method-assign]


@public(out=False)
def fliplr(input: Tensor) -> Tensor:
    """A copy with dimension 1 reversed.

    >>> import chainrule as torch
    >>> torch.fliplr(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if input._array.ndim < 2:
        raise ShapeError("Input must be >= 2-d.", [("input", input)])
    return flipped(input, (1,))


@public(out=False)
def flipud(input: Tensor) -> Tensor:
    """A copy with dimension 0 reversed.

    >>> import chainrule as torch
    >>> torch.flipud(torch.tensor([[1, 2], [3, 4]]))
    tensor([[3, 4],
            [1, 2]])
    """
    if input._array.ndim < 1:
        raise ShapeError("Input must be >= 1-d.", [("input", input)])
    return flipped(input, (0,))


@public(out=False)
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """A copy turned by 90 degrees, `k` times, from the first towards the second of `dims`.

    >>> import chainrule as torch
    >>> torch.rot90(torch.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    ndim = input._array.ndim
    if len(dims) != 2:
        raise ShapeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise ShapeError(f"expected total dims >= 2, but got total dims = {ndim}")
    a, b = spec.normalize_axis(dims[0], ndim), spec.normalize_axis(dims[1], ndim)
    if a == b:
        raise ShapeError("expected rotation dims to be different, but got dim0 = "
                         f"{dims[0]} and dim1 = {dims[1]}")  # fmt: skip
    k %= 4
    if k == 0:
        return input.clone()
    if k == 2:
        return flipped(input, (a, b))
    return apply(SwapAxes, flipped(input, (b if k == 1 else a,)), axis1=a, axis2=b)


@public(out=False)
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """A copy moved by `shifts` along `dims`; what leaves at one end comes in at the other.

    Without `dims` the elements move row by row.
    Gradient: g moved back.

    >>> import chainrule as torch
    >>> torch.roll(torch.tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    moves = numbers((shifts,), "roll", "shifts")
    axes = () if dims is None else numbers((dims,), "roll", "dims")
    ndim = input._array.ndim
    if not axes and len(moves) == 1:
        flat = reshaped(input, (input._array.size,))
        return reshaped(apply(Roll, flat, shift=moves, axis=(0,)), input._array.shape)
    if len(moves) != len(axes):
        raise ShapeError(
            f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}"
        )
    axes = tuple(spec.normalize_axis(d, ndim) for d in axes)
    return apply(Roll, input, shift=moves, axis=axes if ndim else ())


@public(inplace=True)
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """A copy with zeros above the `diagonal` of the last two dimensions.

    Gradient: g below, 0 above.

    >>> import chainrule as torch
    >>> torch.tril(torch.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    if input._array.ndim < 2:
        raise ShapeError("tril: input tensor must have at least 2 dimensions", [("input", input)])
    return apply(Tril, input, k=int(diagonal))


@public(inplace=True)
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """A copy with zeros below the `diagonal` of the last two dimensions.

    Gradient: g above, 0 below.

    >>> import chainrule as torch
    >>> torch.triu(torch.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """
    if input._array.ndim < 2:
        raise ShapeError("triu: input tensor must have at least 2 dimensions", [("input", input)])
    return apply(Triu, input, k=int(diagonal))


def triangle(kind: Any, row: int, col: int, offset: int, dtype: Any) -> Tensor:
    for word, n in (("row", row), ("col", col)):
        if n < 0:
            raise ShapeError(f"{word} must be non-negative, got{n}")
    wanted = np.dtype(np.int64) if dtype is None else dtypes.numpy_dtype(dtype)
    mask = kind(np.ones((row, col), np.bool_), offset)
    return from_array(np.stack(mask.nonzero()).astype(wanted))


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None,
                 layout: Any = None, pin_memory: bool = False,
                 requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Row and column indices of the lower triangle of a (row, col) matrix, as two rows.

    >>> import chainrule as torch
    >>> torch.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return triangle(np.tril, row, col, offset, dtype)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None,
                 layout: Any = None, pin_memory: bool = False,
                 requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Row and column indices of the upper triangle of a (row, col) matrix, as two rows.

    >>> import chainrule as torch
    >>> torch.triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return triangle(np.triu, row, col, offset, dtype)


def repeat_interleave(
    input: Any, repeats: Any = None, dim: Any = None, *, output_size: Any = None
) -> Tensor:
    """A copy in which every element (slice along `dim`) stands `repeats` times in a row.

    Called with repeats only, it gives each index that many times.
    Gradient: g summed over the repetitions.

    >>> import chainrule as torch
    >>> torch.repeat_interleave(torch.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    >>> torch.repeat_interleave(torch.tensor([1, 2]), torch.tensor([0, 3]))
    tensor([2, 2, 2])
    """
    if repeats is None:
        counts = check_repeats(input._array)
        flat = np.repeat(np.arange(counts.size), counts)
        check_output(output_size, flat.size)
        return from_array(flat.astype(counts.dtype))
    x = input if dim is not None else reshaped(input, (input._array.size,))
    if x._array.ndim == 0:
        x = reshaped(x, (1,))
    axis = spec.normalize_axis(0 if dim is None else dim, x._array.ndim)
    n = x._array.shape[axis]
    counts = repeats._array if isinstance(repeats, Tensor) else np.asarray(repeats, np.int64)
    counts = check_repeats(counts)
    if counts.ndim and counts.size not in (1, n):
        raise ShapeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{counts.size} and input.size({axis}) = {n}", [("input", input), ("repeats", counts)],
        )  # fmt: skip
    places = np.repeat(np.arange(n), np.broadcast_to(counts.reshape(-1), (n,)))
    check_output(output_size, places.size)
    return apply(Index, x, places, axes=(axis,))


def check_repeats(counts: Any) -> Any:
    if counts.ndim > 1:
        raise ShapeError("repeats must be 0-dim or 1-dim tensor", [("repeats", counts)])
    if counts.dtype not in (np.int64, np.int32):
        raise ShapeError("repeats has to be Long or Int tensor", [("repeats", counts)])
    if counts.size and counts.min() < 0:
        raise ShapeError("Repeats must be non-negative", [("repeats", counts)])
    return counts


def check_output(wanted: Any, size: int) -> None:
    if wanted is not None and wanted != size:
        raise ShapeError(
            f"repeat_interleave: Invalid output_size, expected {size} but got {wanted}"
        )


EXPORTS.update(
    tril_indices=tril_indices, triu_indices=triu_indices, repeat_interleave=repeat_interleave
)
Tensor.repeat_interleave = repeat_interleave  # type: ignore[method-assign]
