"""Scans with torch's names: running sums, products and extremes."""

from __future__ import annotations

from typing import Any

from chainrule import return_types, spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import DtypeError
from chainrule.functional.border import public
from chainrule.functional.extrema import at_least_1d
from chainrule.functional.reduction import in_dtype
from chainrule.ops import scan as ops
from chainrule.ops.shape import Reshape
from chainrule.ops.sorting import TakeAlongAxis
from chainrule.tensor import Tensor


def scanned(op: Any, input: Any, dim: int, dtype: Any = None) -> Tensor:
    """The scan of `input` along `dim`; a 0-d tensor is one of one element."""
    input = in_dtype(input, dtype)
    axis = spec.normalize_axis(dim, input._array.ndim)
    out = apply(op, at_least_1d(input), axis=axis)
    if not input._array.ndim:
        out = apply(Reshape, out, shape=())
    return in_dtype(out, dtype)


@public(inplace=True)
def cumsum(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """The running sum along `dim`.  Integers give int64.

    Gradient: the running sum of g from the other end.

    >>> import chainrule as torch
    >>> torch.cumsum(torch.tensor([1, 2, 3]), dim=0)
    tensor([1, 3, 6])
    """
    return scanned(ops.CumSum, input, dim, dtype)


@public(inplace=True)
def cumprod(input: Any, dim: int, *, dtype: Any = None) -> Tensor:
    """The running product along `dim`.  Integers give int64.

    Gradient: exact also where elements are zero, in any order.

    >>> import chainrule as torch
    >>> torch.cumprod(torch.tensor([1, 2, 3]), dim=0)
    tensor([1, 2, 6])
    """
    return scanned(ops.CumProd, input, dim, dtype)


@public
def logcumsumexp(input: Any, dim: int) -> Tensor:
    """ln of the running sum of e**x along `dim`, without overflow.

    Gradient: sum of g_k e**(x - out_k) over the k from here on.
    Errors: integers must be converted first.

    >>> import chainrule as torch
    >>> torch.logcumsumexp(torch.tensor([0., 0., 0.]), dim=0)
    tensor([0.0000, 0.6931, 1.0986])
    """
    if input._array.dtype.kind not in "fVc":
        kind = word(input._array.dtype)
        raise DtypeError(f'"logcumsumexp_out_cpu" not implemented for \'{kind}\'',
                         [("input", input)], fix="Convert it first, with .float().")  # fmt: skip
    return scanned(ops.LogCumSumExp, input, dim)


@public
def cummax(input: Any, dim: int) -> Any:
    """The running maximum along `dim`, and where it was met last.

    Gradient: g added up at the indices.

    >>> import chainrule as torch
    >>> torch.cummax(torch.tensor([1., 3., 2.]), dim=0)
    torch.return_types.cummax(
    values=tensor([1., 3., 3.]),
    indices=tensor([0, 1, 1]))
    """
    return running(return_types.cummax, ops.CumMaxIndex, input, dim)


@public
def cummin(input: Any, dim: int) -> Any:
    """The running minimum along `dim`, and where it was met last.

    Gradient: g added up at the indices.

    >>> import chainrule as torch
    >>> torch.cummin(torch.tensor([3., 1., 2.]), dim=0)
    torch.return_types.cummin(
    values=tensor([3., 1., 1.]),
    indices=tensor([0, 1, 1]))
    """
    return running(return_types.cummin, ops.CumMinIndex, input, dim)


def running(kind: Any, by: Any, input: Any, dim: int) -> Any:
    """Values and indices of a running extreme."""
    axis = spec.normalize_axis(dim, input._array.ndim)
    line = at_least_1d(input)
    index = apply(by, line, axis=axis)
    values = apply(TakeAlongAxis, line, index, axis=axis, distinct=False)
    if not input._array.ndim:
        values, index = (apply(Reshape, t, shape=()) for t in (values, index))
    return kind((values, index))
