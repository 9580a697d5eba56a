"""By masks and by position: masked_fill, masked_select, masked_scatter, nonzero, unravel_index."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.backend.numpy_indexing import nonzero as nonzero_rows
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public, store
from chainrule.functional.broadcasting import expanded
from chainrule.functional.indexing import zero_dim
from chainrule.functional.shape import reshaped
from chainrule.ops.comparison import Where
from chainrule.ops.indexing import Index, IndexPut
from chainrule.ops.shape import Slice
from chainrule.tensor import Tensor, from_array

Array = Any


def bool_mask(mask: Tensor, call: str) -> Array:
    if mask._array.dtype.kind != "b":
        if call == "masked_select":
            raise DtypeError("masked_select: expected BoolTensor for mask", [("mask", mask)])
        raise DtypeError(
            f"{call}_ only supports boolean masks, but got mask with dtype {mask.dtype}",
            [("mask", mask)],
            fix="Convert it with .bool().",
        )
    return mask._array


@public(inplace=True, out=False)
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`input` with `value`, a number or 0-d tensor, wherever `mask` is True.

    Shapes: `input` and `mask` broadcast.
    Gradient: g where the mask is False, 0 elsewhere; for `value` the sum of the rest.

    >>> import chainrule as torch
    >>> torch.masked_fill(torch.tensor([1., 2.]), torch.tensor([True, False]), -1)
    tensor([-1.,  2.])
    """
    array = bool_mask(mask, "masked_fill")
    if not input._array.flags.c_contiguous:
        input = input.contiguous()  # the result is stored row by row
    return apply(Where, array, zero_dim(value, input, "masked_fill_"), input)


@public
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` is True, in one dimension.

    >>> import chainrule as torch
    >>> torch.masked_select(torch.tensor([1, 2, 3]), torch.tensor([True, False, True]))
    tensor([1, 3])
    """
    array = bool_mask(mask, "masked_select")
    shape = spec.broadcast_shapes(input._array.shape, array.shape)
    x = expanded(input, shape)
    if not shape:
        x, array = reshaped(x, (1,)), array.reshape(1)
        shape = (1,)
    places = np.broadcast_to(array, shape).nonzero()
    return apply(Index, x, *places, axes=tuple(range(len(shape))))


@public(inplace=True, out=False)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements of `source`, in order, wherever `mask` is True.

    >>> import chainrule as torch
    >>> mask = torch.tensor([True, False, True])
    >>> torch.masked_scatter(torch.zeros(3), mask, torch.tensor([1., 2., 3.]))
    tensor([1., 0., 2.])
    """
    array = bool_mask(mask, "masked_scatter")
    if input._array.dtype != source._array.dtype:
        raise DtypeError("masked_scatter_ only supports same dtype for self and source",
                         [("self", input), ("source", source)])  # fmt: skip
    shape = spec.broadcast_shapes(input._array.shape, array.shape)
    x = expanded(input, shape)
    flat = np.flatnonzero(np.broadcast_to(array, shape))
    if source._array.size < flat.size:
        raise ShapeError("Number of elements of source < number of ones in mask",
                         [("mask", mask), ("source", source)])  # fmt: skip
    size = spec.size_of(shape)
    values = apply(Slice, reshaped(source, (source._array.size,)),
                   index=(slice(0, flat.size), Ellipsis))  # fmt: skip
    out = apply(IndexPut, reshaped(x, (size,)), values, flat, axes=(0,), accumulate=False)
    return reshaped(out, shape)


@public(out=False)
def nonzero(input: Tensor, *, out: Any = None, as_tuple: bool = False) -> Any:
    """The indices of all nonzero elements: a row each, or a tuple with one tensor per dimension.

    >>> import chainrule as torch
    >>> torch.nonzero(torch.tensor([[0, 1], [2, 0]]))
    tensor([[0, 1],
            [1, 0]])
    >>> torch.nonzero(torch.tensor([0, 1, 2]), as_tuple=True)
    (tensor([1, 2]),)
    """
    if as_tuple:
        array = input._array if input.ndim else input._array.reshape(1)
        return tuple(from_array(np.ascontiguousarray(i)) for i in array.nonzero())
    found = from_array(nonzero_rows(input._array))
    return found if out is None else store(found, out)


@public
def argwhere(input: Tensor) -> Tensor:
    """The indices of all nonzero elements, one row each.

    >>> import chainrule as torch
    >>> torch.argwhere(torch.tensor([0, 1, 2]))
    tensor([[1],
            [2]])
    """
    return from_array(nonzero_rows(input._array))


@public
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The indices of the first `size` nonzero elements; missing rows hold `fill_value`.

    >>> import chainrule as torch
    >>> torch.nonzero_static(torch.tensor([0, 1, 2]), size=3)
    tensor([[ 1],
            [ 2],
            [-1]])
    """
    if size < 0:
        raise ArgumentError("nonzero_static: 'size' must be an non-negative integer")
    rows = nonzero_rows(input._array)
    out = np.full((size, rows.shape[1]), fill_value, np.int64)
    out[: len(rows)] = rows[:size]
    return from_array(out)


@public(method=False, out=False)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Positions counted row by row as one index tensor per dimension of `shape`.

    >>> import chainrule as torch
    >>> torch.unravel_index(torch.tensor([5]), (2, 3))
    (tensor([1]), tensor([2]))
    """
    sizes = (int(shape),) if isinstance(shape, (int, Tensor)) else tuple(int(n) for n in shape)
    if spec.category(indices._array.dtype) != 1:
        raise ArgumentError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if any(n < 0 for n in sizes):
        raise ArgumentError(f"'shape' cannot have negative values, but got {sizes}")
    rest, parts = indices._array.astype(np.int64), []
    for n in sizes[::-1]:
        parts.append(from_array(np.mod(rest, n) if n else rest))
        rest = np.floor_divide(rest, n) if n else rest
    return tuple(parts[::-1])
