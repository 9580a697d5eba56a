"""Putting tensors together: cat, stack and their kin, block_diag, products of sequences."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply, cast
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS, public
from chainrule.functional.broadcasting import expanded
from chainrule.functional.shape import atleast_1d, atleast_2d, atleast_3d, flatten, reshaped
from chainrule.ops.indexing import Index
from chainrule.ops.shape import Concat, SliceScatter, Stack
from chainrule.tensor import Tensor


def sequence(tensors: Any, call: str) -> list[Tensor]:
    """The tensors, checked, in one dtype."""
    if isinstance(tensors, Tensor):
        raise ArgumentError(f"{call}(): argument 'tensors' (position 1) must be tuple of Tensors, "
                            "not Tensor", [("tensors", tensors)])  # fmt: skip
    given = list(tensors)
    first = None
    same = True
    for i, x in enumerate(given):
        if not isinstance(x, Tensor):
            raise ArgumentError(f"expected Tensor as element {i} in argument 0, but got "
                                f"{type(x).__name__}")  # fmt: skip
        dtype = x._array.dtype
        if first is None:
            first = dtype
        elif dtype != first:
            same = False
    if same:
        return given
    dtype = spec.result_type([x._array for x in given])
    return [x if x._array.dtype == dtype else cast(x, dtype) for x in given]


def joined(tensors: list[Tensor], axis: int) -> Tensor:
    return apply(Concat, *tensors, axis=axis)


@public(method=False, names=("concat", "concatenate"))
def cat(tensors: Any, dim: int = 0) -> Tensor:
    """The tensors one after another along an existing dimension, in their common dtype.

    Shapes: equal but for `dim`; empty tensors of one dimension are passed over.
    Gradient: each tensor's part of g.

    >>> import chainrule as torch
    >>> torch.cat([torch.tensor([1, 2]), torch.tensor([3])])
    tensor([1, 2, 3])
    """
    given = sequence(tensors, "cat")
    if not given:
        raise ArgumentError("torch.cat(): expected a non-empty list of Tensors")
    shapes = [x._array.shape for x in given]
    for i, s in enumerate(shapes):
        if not s:
            raise ShapeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated",
                             fix="Use torch.stack, or unsqueeze it.")  # fmt: skip
    used = [x for x, s in zip(given, shapes, strict=True) if s != (0,)] or given[:1]
    first = used[0]._array.shape
    axis = spec.normalize_axis(dim, len(first))
    for i, x in enumerate(used):
        shape = x._array.shape
        if len(shape) != len(first):
            raise ShapeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}",
                [("tensors[0]", used[0]), (f"tensors[{i}]", x)],
            )
        for a, (n, m) in enumerate(zip(first, shape, strict=True)):
            if n != m and a != axis:
                raise ShapeError(
                    f"Sizes of tensors must match except in dimension {axis}. Expected size {n} "
                    f"but got size {m} for tensor number {i} in the list.",
                    [("tensors[0]", used[0]), (f"tensors[{i}]", x)],
                )
    return joined(used, axis)


@public(method=False)
def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors of one shape along a new dimension `dim`.

    Gradient: each tensor's slice of g.

    >>> import chainrule as torch
    >>> torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], 1)
    tensor([[1, 3],
            [2, 4]])
    """
    given = sequence(tensors, "stack")
    if not given:
        raise ArgumentError("stack expects a non-empty TensorList")
    return apply(Stack, *given, axis=spec.normalize_axis(dim, given[0]._array.ndim + 1))


@public(method=False)
def hstack(tensors: Any) -> Tensor:
    """Side by side: along dimension 1, or 0 for tensors of one dimension.

    >>> import chainrule as torch
    >>> torch.hstack([torch.tensor([1]), torch.tensor([2])])
    tensor([1, 2])
    """
    given = atleast_1d(list(tensors))
    if not given:
        raise ArgumentError("hstack expects a non-empty TensorList")
    return cat(given, 0 if given[0].ndim == 1 else 1)


@public(method=False, names=("row_stack",))
def vstack(tensors: Any) -> Tensor:
    """One above the other: along dimension 0, rows for tensors of one dimension.

    >>> import chainrule as torch
    >>> torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    given = atleast_2d(list(tensors))
    if not given:
        raise ArgumentError("vstack expects a non-empty TensorList")
    return cat(given, 0)


@public(method=False)
def dstack(tensors: Any) -> Tensor:
    """In depth: along dimension 2.

    >>> import chainrule as torch
    >>> torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[[1, 3],
             [2, 4]]])
    """
    given = atleast_3d(list(tensors))
    if not given:
        raise ArgumentError("dstack expects a non-empty TensorList")
    return cat(given, 2)


@public(method=False)
def column_stack(tensors: Any) -> Tensor:
    """Side by side as columns: tensors of one dimension become columns first.

    >>> import chainrule as torch
    >>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    given = list(tensors)
    if not given:
        raise ArgumentError("column_stack expects a non-empty TensorList")
    return hstack([x if x.ndim > 1 else reshaped(x, (x._array.size, 1)) for x in given])


def block_diag(*tensors: Any) -> Tensor:
    """A matrix with these (as matrices) along its diagonal, zeros elsewhere.

    Gradient: each block of g.

    >>> import chainrule as torch
    >>> torch.block_diag(torch.tensor([[1, 2]]), torch.tensor(3))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    for i, x in enumerate(tensors):
        if x.ndim > 2:
            raise ShapeError("torch.block_diag: Input tensors must have 2 or fewer dimensions. "
                             f"Input {i} has {x.ndim} dimensions")  # fmt: skip
    if not tensors:
        return EXPORTS["empty"](1, 0)
    blocks = sequence([atleast_2d(x) for x in tensors], "block_diag")
    width, at, rows = sum(b._array.shape[1] for b in blocks), 0, []
    for b in blocks:
        height, n = b._array.shape
        index = (slice(None), slice(at, at + n))
        rows.append(apply(SliceScatter, b, shape=(height, width), index=index))
        at += n
    return joined(rows, 0)


def meshgrid(*tensors: Any, indexing: Any = None) -> tuple[Tensor, ...]:
    """Coordinates of a grid: each tensor of one dimension, repeated along all others.

    `indexing` is "ij" (the first tensor runs along dimension 0) or "xy" (along dimension 1).

    >>> import chainrule as torch
    >>> x, y = torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4]), indexing="ij")
    >>> x
    tensor([[1, 1],
            [2, 2]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    if not tensors:
        raise ArgumentError("meshgrid expects a non-empty TensorList")
    for x in tensors:
        if x.ndim > 1:
            raise ShapeError("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                             f" {x.ndim}", [("tensor", x)])  # fmt: skip
        if x._array.dtype != tensors[0]._array.dtype:
            raise ArgumentError("meshgrid expects all tensors to have the same dtype",
                                [("first", tensors[0]), ("other", x)])  # fmt: skip
    if indexing is None:
        warnings.warn("torch.meshgrid: in an upcoming release, it will be required to pass the "
                      "indexing argument.", stacklevel=2)  # fmt: skip
        indexing = "ij"
    if indexing not in ("ij", "xy"):
        raise ArgumentError('torch.meshgrid: indexing must be one of "xy" or "ij", but received: '
                            f"{indexing}")  # fmt: skip
    swap = indexing == "xy" and len(tensors) > 1
    order = [1, 0, *range(2, len(tensors))] if swap else list(range(len(tensors)))
    flat = [flatten(tensors[k]) for k in order]
    shape = tuple(x._array.size for x in flat)
    grids = [
        expanded(reshaped(x, tuple(n if a == i else 1 for a, n in enumerate(shape))), shape)
        for i, x in enumerate(flat)
    ]
    return tuple(grids[order.index(k)] for k in range(len(tensors)))


def cartesian_prod(*tensors: Any) -> Tensor:
    """All tuples with one element of each tensor, one per row, the last running fastest.

    >>> import chainrule as torch
    >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    for x in tensors:
        if x.ndim != 1:
            raise ShapeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(grid) for grid in meshgrid(*tensors, indexing="ij")], 1)


@public(out=False)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of `r` elements of a tensor of one dimension, one per row.

    >>> import chainrule as torch
    >>> torch.combinations(torch.tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    if input.ndim != 1:
        raise ShapeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise ShapeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return EXPORTS["empty"](0, dtype=input.dtype)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = np.array(list(choose(range(input._array.size), r)), np.int64).reshape(-1, r)
    return apply(Index, input, rows, axes=(0,))


EXPORTS.update(block_diag=block_diag, meshgrid=meshgrid, cartesian_prod=cartesian_prod)
