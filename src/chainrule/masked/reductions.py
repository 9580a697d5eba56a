"""Reductions over the elements that a mask lets through."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply, cast
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.functional.matrix_norms import vector_norm
from chainrule.masked.masks import as_asked, axes_of, filled, highest, lowest, promoted, shaped
from chainrule.ops.arithmetic import Divide, Multiply, Subtract
from chainrule.ops.exponential import Sqrt
from chainrule.ops.reduction import Prod, Sum
from chainrule.tensor import Tensor, from_array

Array = Any


def sum(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The sum over `dim` of the elements where `mask` is True.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g where the mask is True, else 0.

    >>> import chainrule as torch
    >>> torch.masked.sum(torch.tensor([1., 2., 4.]), mask=torch.tensor([True, False, True]))
    tensor(5.)
    """
    kind = promoted(input, dtype)
    x = filled(input, mask, 0)
    x = x if x._array.dtype == kind else cast(x, kind)
    axes = axes_of(dim, x._array.ndim) if x._array.ndim else ()
    out = apply(Sum, x, axis=axes, keepdims=bool(keepdim))
    return out if out._array.dtype == kind else cast(out, kind)  # type: ignore[no-any-return]


def prod(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The product over `dim` of the elements where `mask` is True.

    Shapes: as for `sum`.
    Gradient: g times the product of the others where the mask is True, else 0.

    >>> import chainrule as torch
    >>> torch.masked.prod(torch.tensor([2., 3., 4.]), mask=torch.tensor([True, False, True]))
    tensor(8.)
    """
    kind = promoted(input, dtype)
    x = filled(input, mask, 1)
    x = x if x._array.dtype == kind else cast(x, kind)
    if x._array.ndim:
        for a in reversed(axes_of(dim, x._array.ndim)):
            x = apply(Prod, x, axis=(a,), keepdims=bool(keepdim))
    return x if x._array.dtype == kind else cast(x, kind)  # type: ignore[no-any-return]


def amax(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The largest of the elements where `mask` is True, -inf if there is none.

    Shapes: as for `sum`.
    Gradient: g, split equally among the elements that attain it.

    >>> import chainrule as torch
    >>> torch.masked.amax(torch.tensor([1., 3., 2.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    x = filled(input, mask, lowest(input._array.dtype))
    out = EXPORTS["amax"](x, axes_of(dim, x._array.ndim), bool(keepdim))
    return as_asked(out, input, dtype)  # type: ignore[no-any-return]


def amin(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The smallest of the elements where `mask` is True, inf if there is none.

    Shapes, Gradient: as for `amax`.

    >>> import chainrule as torch
    >>> torch.masked.amin(torch.tensor([1., 3., 2.]), mask=torch.tensor([False, True, True]))
    tensor(2.)
    """
    x = filled(input, mask, highest(input._array.dtype))
    out = EXPORTS["amin"](x, axes_of(dim, x._array.ndim), bool(keepdim))
    return as_asked(out, input, dtype)  # type: ignore[no-any-return]


def argmax(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """Where the largest element is, of those where `mask` is True, in the dtype of the input.

    Shapes: `dim` is removed; without it, one number for the flattened input.

    >>> import chainrule as torch
    >>> torch.masked.argmax(torch.tensor([1, 3, 2]), mask=torch.tensor([True, False, True]))
    tensor(2)
    """
    x = filled(input, mask, lowest(input._array.dtype))
    return as_asked(EXPORTS["argmax"](x, dim, bool(keepdim)), input, dtype)  # type: ignore


def argmin(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """Where the smallest element is, of those where `mask` is True, in the dtype of the input.

    Shapes: as for `argmax`.

    >>> import chainrule as torch
    >>> torch.masked.argmin(torch.tensor([1, 3, 2]), mask=torch.tensor([False, True, True]))
    tensor(2)
    """
    x = filled(input, mask, highest(input._array.dtype))
    return as_asked(EXPORTS["argmin"](x, dim, bool(keepdim)), input, dtype)  # type: ignore


def count(input: Any, dim: Any, keepdim: bool, mask: Any) -> Any:
    """How many elements go into each result, int64."""
    inside = np.ones(input._array.shape, np.bool_) if mask is None else shaped(input, mask)
    axes = axes_of(dim, inside.ndim) if inside.ndim else ()
    return from_array(np.asarray(np.sum(inside, axis=axes, keepdims=keepdim, dtype=np.int64)))


def mean(
    input: Any, dim: Any = None, *, keepdim: Any = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The mean over `dim` of the elements where `mask` is True, nan if there is none.

    Shapes: as for `sum`.
    Gradient: g / n where the mask is True, else 0.
    Errors: integers, unless a floating `dtype` is given.

    >>> import chainrule as torch
    >>> torch.masked.mean(torch.tensor([1., 9., 3.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    kind = input._array.dtype if dtype is None else dtypes.numpy_dtype(dtype)
    if not spec.is_inexact(kind):
        raise ArgumentError(
            f"mean(): Could not infer output dtype. {'Input' if dtype is None else 'Optional'} "
            f"dtype must be either a floating point or complex dtype. Got: {dtypes.of(kind)}",
            [("input", input)],
        )
    total = sum(input, dim, keepdim=keepdim, dtype=dtypes.of(kind), mask=mask)
    return apply(Divide, total, count(input, dim, bool(keepdim), mask))  # type: ignore


def median(
    input: Any, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The lower median along `dim` of the elements where `mask` is True, nan if there is none.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g at the element that is chosen.
    Errors: integers without any element let through.

    >>> import chainrule as torch
    >>> torch.masked.median(torch.tensor([1., 5., 3.]), mask=torch.tensor([True, False, True]))
    tensor(1.)
    """
    (axis,) = axes_of(int(dim), input._array.ndim)
    own = input._array.dtype
    x = input if own.kind in "fV" else cast(input, spec.FLOAT32)
    out = EXPORTS["nanmedian"](filled(x, mask, np.nan), axis, keepdim)[0]
    if own.kind in "fV":
        return out  # type: ignore[no-any-return]
    if np.isnan(out._array).any():
        raise ArgumentError(
            "masked median expects no fully masked out rows if dtype is not floating point",
            [("input", input), ("mask", mask)],
        )
    return as_asked(out, input, dtype)  # type: ignore[no-any-return]


def logsumexp(
    input: Any, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """ln of the sum of e**x over the elements where `mask` is True, -inf if there is none.

    Shapes: as for `sum`.
    Gradient: g e**(x - out).

    >>> import chainrule as torch
    >>> torch.masked.logsumexp(torch.zeros(3), 0, mask=torch.tensor([True, False, True]))
    tensor(0.6931)
    """
    x = filled(input, mask, lowest(input._array.dtype))
    out = EXPORTS["logsumexp"](x, axes_of(dim, x._array.ndim), keepdim)
    return as_asked(out, input, dtype)  # type: ignore[no-any-return]


def logaddexp(
    input: Any, other: Any, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None
) -> Tensor:
    """ln(e**input + e**other), where masked-out elements count as -inf.

    Shapes: both broadcast together.
    Gradient: as `torch.logaddexp`.

    >>> import chainrule as torch
    >>> x = torch.tensor([1., 2.])
    >>> torch.masked.logaddexp(x, x, input_mask=torch.tensor([True, False]))
    tensor([1.6931, 2.0000])
    """
    x = filled(input, input_mask, lowest(input._array.dtype))
    y = filled(other, other_mask, lowest(other._array.dtype))
    return as_asked(EXPORTS["logaddexp"](x, y), input, dtype)  # type: ignore[no-any-return]


def norm(
    input: Any, ord: Any = 2.0, dim: Any = None, *, keepdim: Any = False, dtype: Any = None,
    mask: Any = None,
) -> Tensor:  # fmt: skip
    """The norm (sum |x|**ord)**(1/ord) over the elements where `mask` is True.

    Shapes: as for `sum`.
    Gradient: that of `torch.linalg.vector_norm`.

    >>> import chainrule as torch
    >>> torch.masked.norm(torch.tensor([3., 9., 4.]), mask=torch.tensor([True, False, True]))
    tensor(5.)
    """
    x = filled(input, mask, np.inf if ord == -np.inf else 0)
    axes = axes_of(dim, x._array.ndim) if x._array.ndim else None
    return vector_norm(x, 2 if ord is None else ord, axes, bool(keepdim), dtype=dtype)  # type: ignore


def spread(
    input: Any, dim: Any, unbiased: Any, correction: Any, keepdim: Any, dtype: Any, mask: Any
) -> Any:
    """The variance."""
    if unbiased is not None and correction is not None:
        raise ArgumentError("Only one of unbiased and correction may be given")
    if correction is None:
        correction = 1.0 if unbiased is None else float(unbiased)
    kind = input._array.dtype if dtype is None else dtypes.numpy_dtype(dtype)
    if dtype is None and not spec.is_inexact(kind):
        kind = spec.FLOAT32
    compute = kind if spec.is_inexact(kind) else spec.FLOAT32
    number = count(input, dim, True, mask)
    total = sum(input, dim, keepdim=True, dtype=dtypes.of(kind), mask=mask)
    off = apply(Subtract, input, apply(Divide, total, number))
    square = apply(Multiply, off, EXPORTS["conj"](off))
    whole = sum(square, dim, keepdim=keepdim, dtype=dtypes.of(compute), mask=mask)
    left = number._array.reshape(whole._array.shape)
    if correction:
        left = np.maximum(left.astype(spec.real_of(compute)) - correction, 0)
        left = left.astype(spec.real_of(compute))
    out = apply(Divide, whole, from_array(np.asarray(left)))
    return out if out._array.dtype == kind else cast(out, kind)


def var(
    input: Any, dim: Any = None, unbiased: Any = None, *, correction: Any = None,
    keepdim: Any = False, dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The variance over `dim` of the elements where `mask` is True, nan if there is none.

    Args: `correction` as for `torch.var`; `unbiased` is its older form.
    Shapes: as for `sum`.
    Gradient: that of the sums.

    >>> import chainrule as torch
    >>> torch.masked.var(torch.tensor([1., 9., 3.]), mask=torch.tensor([True, False, True]))
    tensor(2.)
    """
    return spread(input, dim, unbiased, correction, keepdim, dtype, mask)  # type: ignore


def std(
    input: Any, dim: Any = None, unbiased: Any = None, *, correction: Any = None,
    keepdim: Any = False, dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The standard deviation over `dim` of the elements where `mask` is True.

    Args, Shapes, Gradient: as for `var`.

    >>> import chainrule as torch
    >>> torch.masked.std(torch.tensor([1., 9., 3.]), mask=torch.tensor([True, False, True]))
    tensor(1.4142)
    """
    return apply(Sqrt, spread(input, dim, unbiased, correction, keepdim, dtype, mask))  # type: ignore
