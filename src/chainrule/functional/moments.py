"""Statistics with torch's names: variance, deviation, covariance, correlation, quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import public
from chainrule.functional.extrema import at_least_1d
from chainrule.functional.reduction import as_floats, axes_of, in_dtype, known, need_floats
from chainrule.ops import reduction as ops
from chainrule.ops.arithmetic import Add, Divide, Multiply, Subtract
from chainrule.ops.comparison import Greater, Where
from chainrule.ops.exponential import Sqrt
from chainrule.ops.linalg import MatMul
from chainrule.ops.rounding import Sign
from chainrule.ops.shape import PermuteDims, Reshape, Slice, SwapAxes
from chainrule.ops.sorting import ArgSort, TakeAlongAxis
from chainrule.tensor import Tensor, from_array


def spread(op: Any, input: Any, dim: Any, unbiased: Any, keepdim: bool, correction: Any) -> Tensor:
    """`var` or `std`, with torch's two ways of saying by what to divide."""
    need_floats(input, "std and var only support floating point and complex dtypes")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    if int(correction) == correction:
        correction = int(correction)
    axis = axes_of(dim, input._array.ndim)
    return apply(op, input, axis=axis, keepdims=keepdim, correction=correction)  # type: ignore


@public
def var(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> Tensor:  # fmt: skip
    """The variance over `dim`: squared distances from the mean, summed, over n - correction.

    `var(x, True)` and `unbiased=` are torch's older forms: True means correction=1, the default.
    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g * 2 (x - mean) / (n - correction).

    >>> import chainrule as torch
    >>> torch.var(torch.tensor([1., 2., 3., 4.]), correction=0)
    tensor(1.2500)
    """
    return spread(ops.Var, input, dim, unbiased, keepdim, correction)


@public
def std(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> Tensor:  # fmt: skip
    """The standard deviation over `dim`: the square root of `var`.

    Shapes: as for `var`.
    Gradient: g * (x - mean) / (out (n - correction)), and 0 where out is 0.

    >>> import chainrule as torch
    >>> torch.std(torch.tensor([1., 2., 3.]))
    tensor(1.)
    """
    return spread(ops.Std, input, dim, unbiased, keepdim, correction)


def with_mean(op: Any, input: Any, dim: Any, *options: Any) -> tuple[Tensor, Tensor]:
    first = spread(op, input, dim, *options)
    axis = axes_of(None if isinstance(dim, bool) else dim, input._array.ndim)
    return first, apply(ops.Mean, input, axis=axis, keepdims=options[1])


@public(method=False)
def var_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The variance and the mean over `dim`.

    >>> import chainrule as torch
    >>> torch.var_mean(torch.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return with_mean(ops.Var, input, dim, unbiased, keepdim, correction)


@public(method=False)
def std_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The standard deviation and the mean over `dim`.

    >>> import chainrule as torch
    >>> torch.std_mean(torch.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return with_mean(ops.Std, input, dim, unbiased, keepdim, correction)


@public(out=False)
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """The covariance matrix of variables in rows, observations in columns.

    `fweights` says how often each observation counts, `aweights` how much it is worth.
    Shapes: (n, m) -> (n, n); one variable gives a number.
    Gradient: through the mean and the product.
    Errors: more than two dimensions; weights that are not one per observation.

    >>> import chainrule as torch
    >>> torch.cov(torch.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    array = input._array
    if array.ndim > 2:
        raise ShapeError("cov(): expected input to have two or fewer dimensions but got an input "
                         f"with {array.ndim} dimensions", [("input", input)])  # fmt: skip
    if array.dtype.kind == "b":
        raise DtypeError("cov(): bool dtype is not supported for input", [("input", input)])
    x = as_floats(input)
    rows = 1 if array.ndim < 2 else array.shape[0]
    seen = array.size if array.ndim < 2 else array.shape[1]
    x = apply(Reshape, x, shape=(rows, seen))
    weights = None
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is None:
            continue
        if (given._array.dtype.kind in "iu") != (name == "fweights"):
            kind = "integral" if name == "fweights" else "floating point"
            raise DtypeError(f"cov(): expected {name} to have {kind} dtype", [(name, given)])
        if given._array.ndim > 1 or given._array.size != seen:
            raise ShapeError(f"cov(): expected {name} to have one dimension and the same numel as "
                             "there are observations in the input", [(name, given)])  # fmt: skip
        if (given._array < 0).any():
            raise ArgumentError(f"cov(): {name} cannot be negative", [(name, given)])
        given = apply(Reshape, given, shape=(seen,))
        weights = given if weights is None else apply(Multiply, weights, given)
    whole = {"axis": (0,), "keepdims": False}
    if weights is None:
        mean = apply(ops.Mean, x, axis=(1,), keepdims=True)
        off = apply(Subtract, x, mean)
        scaled, norm = off, max(seen - correction, 0)
    else:
        total = apply(ops.Sum, weights, **whole)
        weighed = apply(Multiply, x, weights)
        mean = apply(Divide, apply(ops.Sum, weighed, axis=(1,), keepdims=True), total)
        off = apply(Subtract, x, mean)
        scaled = apply(Multiply, off, weights)
        norm = apply(Subtract, total, correction)
        if aweights is not None and correction:
            worth = apply(ops.Sum, apply(Multiply, weights, aweights), **whole)
            norm = apply(Subtract, total, apply(Divide, apply(Multiply, worth, correction), total))
        norm = apply(Where, norm._array > 0, norm, 0)
    product = apply(MatMul, scaled, apply(SwapAxes, off, axis1=0, axis2=1))
    out = apply(Divide, product, norm)
    return apply(Reshape, out, shape=()) if rows == 1 else out  # type: ignore[no-any-return]


@public(out=False)
def corrcoef(input: Any) -> Tensor:
    """The correlation matrix of variables in rows, observations in columns.

    Shapes: (n, m) -> (n, n); one variable gives a number.
    Gradient: through `cov`; 0 where rounding is cut off at ±1.

    >>> import chainrule as torch
    >>> torch.corrcoef(torch.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input._array.ndim > 2:
        raise ShapeError("corrcoef(): expected input to have two or fewer dimensions but got an "
                         f"input with {input._array.ndim} dimensions",
                         [("input", input)])  # fmt: skip
    c = cov(input)
    n = c._array.shape[0] if c._array.ndim else 0
    if n == 0:
        return apply(Divide, c, c)  # type: ignore[no-any-return]
    flat = apply(Reshape, c, shape=(n * n,))
    deviation = apply(Sqrt, apply(Slice, flat, index=(slice(None, None, n + 1),)))
    c = apply(Divide, c, apply(Reshape, deviation, shape=(n, 1)))
    c = apply(Divide, c, deviation)
    outside = apply(Greater, from_array(abs(c._array)), 1)
    return apply(Where, outside, apply(Sign, c), c)  # type: ignore[no-any-return]


@public
def quantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The q-th quantiles, 0 <= q <= 1, along `dim`; NaN where there is a NaN.

    Between two elements, `interpolation` is "linear", "lower", "higher", "midpoint" or "nearest".
    Shapes: q's dimension, if it has one, comes first.
    Gradient: g, shared between the two elements as they were interpolated.

    >>> import chainrule as torch
    >>> torch.quantile(torch.tensor([1., 2., 3., 4.]), torch.tensor([0., 0.5, 1.]))
    tensor([1.0000, 2.5000, 4.0000])
    """
    return ranked("quantile", input, q, dim, keepdim, interpolation)


@public
def nanquantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The q-th quantiles of the elements that are not NaN.

    Shapes and gradient: as for `quantile`.

    >>> import chainrule as torch
    >>> torch.nanquantile(torch.tensor([1., float("nan"), 3.]), 0.5)
    tensor(2.)
    """
    return ranked("nanquantile", input, q, dim, keepdim, interpolation)


def ranked(name: str, input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str) -> Tensor:
    """`quantile` or `nanquantile`."""
    array = input._array
    if array.dtype not in (spec.FLOAT32, spec.FLOAT64):
        raise DtypeError(f"{name}() input tensor must be either float or double dtype",
                         [("input", input)])  # fmt: skip
    if array.size == 0:
        raise ShapeError(f"{name}() input tensor must be non-empty", [("input", input)])
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise ArgumentError(
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise ArgumentError(f"{name}() q must be in the range [0, 1] but got {q}")
        q = from_array(np.asarray(q, array.dtype))
    if q._array.ndim > 1:
        raise ShapeError(f"{name}() q must be a scalar or 1D tensor", [("q", q)])
    if q._array.dtype != array.dtype:
        raise DtypeError(f"{name}() q tensor must be same dtype as the input tensor",
                         [("input", input), ("q", q)])  # fmt: skip
    if not ((q._array >= 0) & (q._array <= 1)).all():
        raise ArgumentError(f"{name}() q values must be in the range [0, 1]", [("q", q)])
    axis = spec.normalize_axis(dim, array.ndim) if dim is not None else 0
    kept = [1] * array.ndim if dim is None else list(spec.reduced_shape(array.shape, (axis,), True))
    rest = kept if keepdim else ([] if dim is None else kept[:axis] + kept[axis + 1 :])
    line = apply(Reshape, input, shape=(array.size,)) if dim is None else at_least_1d(input)
    last = line._array.ndim - 1
    line = apply(SwapAxes, line, axis1=axis, axis2=last) if axis != last else line
    order = apply(ArgSort, line, axis=last, descending=False)
    ordered = apply(TakeAlongAxis, line, order, axis=last, distinct=True)
    count = known(line)._array.sum(-1, keepdims=True)
    n = line._array.shape[-1]
    points = apply(Reshape, q, shape=(q._array.size,))
    if name == "nanquantile":
        rank = apply(Multiply, points, from_array(np.maximum(count - 1, 0).astype(array.dtype)))
    else:
        rank = apply(Multiply, points, from_array(np.full(count.shape, n - 1, array.dtype)))
        broken = from_array(count < n)
        rank = apply(Where, broken, float(n - 1), rank)
    rank = in_dtype(rank, array.dtype)
    place = rank._array
    if interpolation == "nearest":
        place = np.rint(place)
    elif interpolation in ("lower", "higher"):
        place = np.floor(place) if interpolation == "lower" else np.ceil(place)
    take = {"axis": last, "distinct": False}
    below = np.floor(place)
    out = apply(TakeAlongAxis, ordered, from_array(below.astype(np.int64)), **take)
    if interpolation in ("linear", "midpoint"):
        above = from_array(np.ceil(place).astype(np.int64))
        above = apply(TakeAlongAxis, ordered, above, **take)
        share: Any = 0.5
        if interpolation == "linear":
            share = apply(Subtract, rank, from_array(below))
        out = apply(Add, out, apply(Multiply, apply(Subtract, above, out), share))
    if axis != last:
        out = apply(SwapAxes, out, axis1=axis, axis2=last)
    out = apply(PermuteDims, out, axes=(axis, *(i for i in range(last + 1) if i != axis)))
    return apply(Reshape, out, shape=(*q._array.shape, *rest))  # type: ignore[no-any-return]
