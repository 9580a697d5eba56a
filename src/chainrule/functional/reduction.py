"""Reductions with torch's names: sums, products, logical ones, log-sum-exp."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.inplace import name as word
from chainrule.autograd.record import apply
from chainrule.errors import DtypeError, ShapeError
from chainrule.functional.border import public
from chainrule.ops import reduction as ops
from chainrule.ops.comparison import Equal, Where
from chainrule.ops.shape import AsType, Reshape
from chainrule.tensor import Tensor


def axes_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """`dim` as a tuple of axes; None and () mean all."""
    if dim is None:
        return tuple(range(ndim))
    if type(dim) is int and -ndim <= dim < ndim:
        return (dim % ndim,)
    if isinstance(dim, (tuple, list)) and not dim:
        return tuple(range(ndim))
    try:
        return spec.normalize_axes(dim, ndim)
    except TypeError:
        raise DtypeError(f"dim must be an int or several, not {type(dim).__name__}") from None


def in_dtype(input: Any, dtype: Any) -> Tensor:
    """The input converted to `dtype`, if one is given."""
    wanted = dtypes.numpy_dtype(dtype)
    if wanted is None or wanted == input._array.dtype:
        return input  # type: ignore[no-any-return]
    return apply(AsType, input, dtype=wanted)  # type: ignore[no-any-return]


def need_floats(input: Any, message: str) -> None:
    """Raise unless the input is floating or complex; {} in the message is its dtype's word."""
    if input._array.dtype.kind not in "fVc":
        raise DtypeError(message.format(word(input._array.dtype)), [("input", input)],
                         fix="Convert it first, with .float().")  # fmt: skip


def as_floats(input: Any) -> Tensor:
    """Integers in the default floating dtype; others as they are."""
    if input._array.dtype.kind in "fVc":
        return input  # type: ignore[no-any-return]
    return in_dtype(input, spec.Defaults.floating)


@public
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim`, an int or several; over everything if None.  Integers sum to int64.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g, repeated along `dim`.

    >>> import chainrule as torch
    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """
    if dtype is not None:
        input = in_dtype(input, dtype)
    out = apply(ops.Sum, input, axis=axes_of(dim, input._array.ndim), keepdims=keepdim)
    if dtype is not None and out._array.dtype != input._array.dtype:
        out = in_dtype(out, dtype)
    return out  # type: ignore[no-any-return]


@public
def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim`; over everything if None.

    Shapes: as for `sum`.
    Gradient: g / n, repeated along `dim`.
    Errors: integers have no mean here; pass a floating `dtype`.

    >>> import chainrule as torch
    >>> torch.mean(torch.tensor([[1., 2.], [3., 4.]]), dim=1)
    tensor([1.5000, 3.5000])
    """
    if dtype is not None:
        input = in_dtype(input, dtype)
    if input._array.dtype.kind not in "fVc":
        which = "Input" if dtype is None else "Optional"
        need_floats(input, "mean(): could not infer output dtype. " + which + " dtype must be "
                    "either a floating point or complex dtype. Got: {}")  # fmt: skip
    axis = axes_of(dim, input._array.ndim)
    return apply(ops.Mean, input, axis=axis, keepdims=keepdim)  # type: ignore[no-any-return]


@public
def prod(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product over `dim`, one int; over everything if None.  Integers give int64.

    Shapes: as for `sum`.
    Gradient: g times the product of the other elements, exact also where some are zero.

    >>> import chainrule as torch
    >>> torch.prod(torch.tensor([2., 3., 4.]))
    tensor(24.)
    """
    input = in_dtype(input, dtype)
    if dim is None:
        if input._array.ndim != 1:
            input = apply(Reshape, input, shape=(input._array.size,))
        out = apply(ops.Prod, input, axis=(0,), keepdims=False)
    else:
        axis = spec.normalize_axes((dim,), input._array.ndim)
        out = apply(ops.Prod, input, axis=axis, keepdims=keepdim)
    return in_dtype(out, dtype)


@public
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim`, with NaN counting as zero.

    Shapes: as for `sum`.
    Gradient: g, but 0 where the input is NaN.

    >>> import chainrule as torch
    >>> torch.nansum(torch.tensor([1., float("nan"), 2.]))
    tensor(3.)
    """
    input = in_dtype(input, dtype)
    return sum(without_nan(input), dim, keepdim, dtype=dtype)  # type: ignore[no-any-return]


def without_nan(input: Any) -> Tensor:
    """The input with NaN replaced by 0."""
    if input._array.dtype.kind not in "fVc":
        return input  # type: ignore[no-any-return]
    return apply(Where, known(input), input, 0.0)  # type: ignore[no-any-return]


def known(input: Any) -> Tensor:
    """Where the input is not NaN."""
    return apply(Equal, input, input)  # type: ignore[no-any-return]


@public
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` of the elements that are not NaN; NaN if there are none.

    Shapes: as for `sum`.
    Gradient: g / (their number), but 0 where the input is NaN.

    >>> import chainrule as torch
    >>> torch.nanmean(torch.tensor([1., float("nan"), 2.]))
    tensor(1.5000)
    """
    need_floats(input, "nanmean(): expected input to have floating point or complex dtype "
                "but got {}")  # fmt: skip
    count = sum(known(input), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / count  # type: ignore[no-any-return]


@public
def all(input: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether every element along `dim` is nonzero; True for none.

    Shapes: as for `sum`.  Booleans, but uint8 for uint8.

    >>> import chainrule as torch
    >>> torch.all(torch.tensor([[True, False], [True, True]]), dim=1)
    tensor([False,  True])
    """
    return judged(ops.AllOf, input, dim, keepdim)


@public
def any(input: Any, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether some element along `dim` is nonzero; False for none.

    Shapes: as for `sum`.  Booleans, but uint8 for uint8.

    >>> import chainrule as torch
    >>> torch.any(torch.tensor([[0, 0], [0, 2]]), dim=1)
    tensor([False,  True])
    """
    return judged(ops.AnyOf, input, dim, keepdim)


def judged(op: Any, input: Any, dim: Any, keepdim: bool) -> Tensor:
    """`any` or `all`; an empty tuple of dims reduces nothing here."""
    empty = isinstance(dim, (tuple, list)) and not dim
    axis = () if empty else axes_of(dim, input._array.ndim)
    out = apply(op, input, axis=axis, keepdims=keepdim)
    return in_dtype(out, np.dtype(np.uint8)) if input._array.dtype == np.uint8 else out


@public(out=False)
def count_nonzero(input: Any, dim: Any = None) -> Tensor:
    """How many elements along `dim` are nonzero, as int64.

    >>> import chainrule as torch
    >>> torch.count_nonzero(torch.tensor([[0, 1], [2, 3]]), dim=0)
    tensor([1, 2])
    """
    axis = axes_of(dim, input._array.ndim)
    return apply(ops.CountNonzero, input, axis=axis, keepdims=False)  # type: ignore[no-any-return]


@public
def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Tensor:
    """ln of the sum of e**x over `dim`, without overflow.

    Shapes: as for `sum`.
    Gradient: g * softmax(x).

    >>> import chainrule as torch
    >>> torch.logsumexp(torch.tensor([1000., 1000., 1000.]), 0)
    tensor(1001.0986)
    """
    input = as_floats(input)
    axis = axes_of(dim, input._array.ndim)
    return apply(ops.LogSumExp, input, axis=axis, keepdims=keepdim)  # type: ignore[no-any-return]


@public
def amax(input: Any, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The largest elements along `dim`; NaN if there is one.

    Shapes: as for `sum`.
    Gradient: g, split equally among the elements that attain the maximum.

    >>> import chainrule as torch
    >>> torch.amax(torch.tensor([[1., 2.], [4., 3.]]), dim=1)
    tensor([2., 4.])
    """
    return extreme(ops.Amax, input, dim, keepdim)


@public
def amin(input: Any, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The smallest elements along `dim`; NaN if there is one.

    Shapes: as for `sum`.
    Gradient: g, split equally among the elements that attain the minimum.

    >>> import chainrule as torch
    >>> torch.amin(torch.tensor([[1., 2.], [4., 3.]]), dim=1)
    tensor([1., 3.])
    """
    return extreme(ops.Amin, input, dim, keepdim)


def extreme(op: Any, input: Any, dim: Any, keepdim: bool) -> Tensor:
    """`amax` or `amin`, which need at least one element."""
    array = input._array
    axis = axes_of(dim, array.ndim)
    if array.size == 0:
        if (
            len(axis) == array.ndim
            and builtins.any(n == 0 for n in array.shape)
            and (dim is None or dim == ())
        ):
            raise ShapeError(
                f"{op.name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument.", [("input", input)],
            )  # fmt: skip
        op.spec(spec.Spec(array.shape, array.dtype), axis=axis, keepdims=keepdim)
    return apply(op, input, axis=axis, keepdims=keepdim)  # type: ignore[no-any-return]
