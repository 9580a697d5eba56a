"""Writing one element per index: scatter, scatter_add, scatter_reduce, index_reduce."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.backend.numpy_indexing import scatter as raw_scatter
from chainrule.errors import ArgumentError, DtypeError, OutOfRangeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.broadcasting import expanded
from chainrule.functional.indexing import check_range, index_array, vector
from chainrule.functional.shape import reshaped
from chainrule.ops.comparison import Where
from chainrule.ops.indexing import Scatter, ScatterAdd, ScatterExtreme, ScatterProd
from chainrule.ops.shape import Slice
from chainrule.tensor import Tensor, from_array

Array = Any
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def operands(input: Tensor, dim: int, index: Tensor, src: Tensor, call: str) -> Any:
    """Axis, index array and `src` cut to the size of the index, all checked."""
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    array = index_array(index, call)
    if src._array.dtype != input._array.dtype:
        raise DtypeError(f"{call}(): Expected self.dtype to be equal to src.dtype",
                         [("self", input), ("src", src)])  # fmt: skip
    if array.size == 0:
        return axis, None, src
    ndim = max(len(shape), 1)
    if max(array.ndim, 1) != ndim or max(src.ndim, 1) != ndim:
        raise ShapeError(
            "Index tensor must have the same number of dimensions as "
            + ("self tensor" if max(array.ndim, 1) != ndim else "src tensor"),
            [("self", input), ("index", index), ("src", src)],
        )
    if array.ndim != len(shape):
        array = array.reshape((array.size,) if shape else ())
    if src.ndim != len(shape):
        src = reshaped(src, (src._array.size,) if shape else ())
    too_wide = any(a != axis and n > m for a, (n, m) in enumerate(zip(array.shape, shape)))  # noqa: B905
    if too_wide or any(n > m for n, m in zip(array.shape, src._array.shape, strict=True)):
        raise ShapeError(
            f"Expected index {list(array.shape)} to be no larger than self {list(shape)} apart "
            f"from dimension {axis} and to be no larger size than src {list(src._array.shape)}",
            [("self", input), ("index", index), ("src", src)],
        )
    check_range(array, shape[axis] if shape else 1, axis, input)
    if src._array.shape != array.shape:
        src = apply(Slice, src, index=(*(slice(0, n) for n in array.shape), Ellipsis))
    return axis, array, src


def filled(input: Tensor, index: Tensor, value: Any) -> Tensor:
    """A number in the shape of the index."""
    number = from_array(np.asarray(value).astype(input._array.dtype))
    return expanded(number, index._array.shape)


@public(inplace=True)
def scatter(
    input: Tensor,
    dim: int,
    index: Tensor,
    src: Any = None,
    *,
    value: Any = None,
    reduce: Any = None,
) -> Tensor:
    """A copy of `input` with `out[index[i, j], j] = src[i, j]` for `dim=0`, and so on.

    `src` may be a number (then it is `value`).  `reduce` "add" or "multiply" combines instead of
    overwriting.  Where an index repeats, which element stays is not specified.

    Gradient: g for `input`, 0 where overwritten; g at the indices for `src`.

    >>> import chainrule as torch
    >>> torch.scatter(torch.zeros(2, 3), 1, torch.tensor([[2], [0]]), 1.)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    if src is None:
        src = value
    if not isinstance(src, Tensor):
        src = filled(input, index, src)
    elif src.ndim == 0 and index.ndim and value is not None:
        src = expanded(src, index._array.shape)
    if reduce is not None and reduce not in ("add", "multiply"):
        raise ArgumentError("reduce argument must be either add or multiply.", [("reduce", reduce)])
    axis, array, src = operands(input, dim, index, src, "scatter")
    if array is None:
        return input.clone()
    if reduce == "multiply":
        return apply(ScatterProd, input, array, src, axis=axis, include_self=True)
    return apply(ScatterAdd if reduce == "add" else Scatter, input, array, src, axis=axis)


@public(inplace=True)
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of `input` with `out[index[i, j], j] += src[i, j]` for `dim=0`, and so on.

    Gradient: g for `input`, g at the indices for `src`.

    >>> import chainrule as torch
    >>> torch.scatter_add(torch.zeros(3), 0, torch.tensor([0, 2, 0]), torch.tensor([1., 2., 3.]))
    tensor([4., 0., 2.])
    """
    axis, array, src = operands(input, dim, index, src, "scatter_add")
    if array is None:
        return input.clone()
    return apply(ScatterAdd, input, array, src, axis=axis)


@public(inplace=True)
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """The sum, prod, mean, amax or amin of each element of `input` and all `src` sent to it.

    With `include_self=False` the elements of `input` that receive something are left out.

    Gradient: of the reduction; equal largest (smallest) elements share it equally.

    >>> import chainrule as torch
    >>> i, src = torch.tensor([0, 0, 1]), torch.tensor([5., 2., 3.])
    >>> torch.scatter_reduce(torch.ones(3), 0, i, src, "amax")
    tensor([5., 3., 1.])
    """
    if reduce not in REDUCTIONS:
        raise ArgumentError(f"reduce argument must be either sum, prod, mean, amax or amin, got "
                            f"{reduce}", [("reduce", reduce)])  # fmt: skip
    axis, array, src = operands(input, dim, index, src, "scatter_reduce")
    if array is None:
        return input.clone()
    return reduced(input, array, src, axis, reduce, include_self)


def reduced(
    x: Tensor, array: Array, src: Tensor, axis: int, reduce: str, include_self: bool
) -> Tensor:
    """scatter_reduce on operands that fit."""
    if reduce in ("amax", "amin"):
        largest = reduce == "amax"
        return apply(ScatterExtreme, x, array, src, axis=axis, largest=largest,
                     include_self=include_self)  # fmt: skip
    if reduce == "prod":
        return apply(ScatterProd, x, array, src, axis=axis, include_self=include_self)
    if not include_self:
        hit = raw_scatter(np.zeros(x._array.shape, np.bool_), array, np.ones(array.shape, np.bool_),
                          axis=axis)  # fmt: skip
        x = apply(Where, hit, np.zeros((), x._array.dtype), x)
    total = apply(ScatterAdd, x, array, src, axis=axis)
    if reduce == "sum":
        return total
    dtype = total._array.dtype
    own = np.full(x._array.shape, int(include_self), dtype)
    ones = from_array(np.ones(array.shape, dtype))
    count = apply(ScatterAdd, from_array(own), array, ones, axis=axis)._array
    count = np.maximum(count, np.ones((), dtype))
    if dtype.kind in "iu":
        return from_array(total._array // count)
    return total / from_array(count)


@public(inplace=True)
def index_reduce(
    input: Tensor,
    dim: int,
    index: Tensor,
    source: Tensor,
    reduce: str,
    *,
    include_self: bool = True,
) -> Tensor:
    """As `scatter_reduce`, with one index per slice of `source` along `dim`.

    >>> import chainrule as torch
    >>> i, source = torch.tensor([0, 0]), torch.tensor([[1., 2.], [3., 4.]])
    >>> torch.index_reduce(torch.ones(2, 2), 0, i, source, "prod")
    tensor([[3., 8.],
            [1., 1.]])
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise ArgumentError("index_reduce(): Expected reduce to be one of prod, mean, amax or amin "
                            f"but got {reduce}.", [("reduce", reduce)])  # fmt: skip
    shape = input._array.shape
    axis = spec.normalize_axis(dim, len(shape))
    array = vector(index, "index_reduce")
    count = source._array.shape[axis] if source.ndim else 1
    if count != array.size:
        raise OutOfRangeError(
            f"index_reduce(): Number of indices ({array.size}) should be equal to "
            f"self.size(dim) ({count})", [("index", index), ("source", source)],
        )  # fmt: skip
    if source._array.dtype != input._array.dtype:
        raise DtypeError("index_reduce(): self and source expected to have the same dtype",
                         [("self", input), ("source", source)])  # fmt: skip
    wanted = (*shape[:axis], array.size, *shape[axis + 1 :]) if shape else ()
    if source._array.shape != wanted and (shape or source._array.size != 1):
        raise OutOfRangeError("index_reduce(): Source/destination tensor must have same slice "
                              "shapes.", [("self", input), ("source", source)])  # fmt: skip
    check_range(array, shape[axis] if shape else 1, axis, input)
    if array.size == 0:
        return input.clone()
    src = source if source._array.shape == wanted else reshaped(source, wanted)
    lead = (1,) * axis + (-1,) + (1,) * (len(wanted) - axis - 1) if wanted else ()
    spread = np.broadcast_to(array.reshape(lead), wanted)
    return reduced(input, spread, src, axis, reduce, include_self)
