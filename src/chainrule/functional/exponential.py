"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

from typing import Any

from chainrule import spec
from chainrule.autograd.record import apply, cast, unary
from chainrule.functional.border import operator, public, require_tensor, require_tensors
from chainrule.ops.exponential import (
    Exp,
    Exp2,
    Expm1,
    Log,
    Log1p,
    Log2,
    Log10,
    Logaddexp,
    Logaddexp2,
    Power,
    PowerBy,
    Rsqrt,
    Sqrt,
)
from chainrule.tensor import Tensor

_exp, _exp2, _expm1, _log = unary(Exp), unary(Exp2), unary(Expm1), unary(Log)
_log2, _log10, _log1p = unary(Log2), unary(Log10), unary(Log1p)
_sqrt, _rsqrt = unary(Sqrt), unary(Rsqrt)


@public(inplace=True, fast=_exp)
def exp(input: Any) -> Tensor:
    """e to the power of each element.

    Gradient: g * out.

    >>> import chainrule as torch
    >>> torch.exp(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """
    return _exp(input)


@public(inplace=True)
def exp2(input: Any) -> Tensor:
    """2 to the power of each element.

    Gradient: g * out * ln 2.

    >>> import chainrule as torch
    >>> torch.exp2(torch.tensor([0., 3.]))
    tensor([1., 8.])
    """
    return _exp2(input)


@public(inplace=True)
def expm1(input: Any) -> Tensor:
    """`exp(input) - 1`, exact near 0.

    Gradient: g * (out + 1).

    >>> import chainrule as torch
    >>> torch.expm1(torch.tensor([0., 1e-5]))
    tensor([0.0000e+00, 1.0000e-05])
    """
    return _expm1(input)


@public(inplace=True)
def log(input: Any) -> Tensor:
    """The natural logarithm; NaN below 0, -inf at 0.

    Gradient: g / input.

    >>> import chainrule as torch
    >>> torch.log(torch.tensor([1., 10.]))
    tensor([0.0000, 2.3026])
    """
    return _log(input)


@public(inplace=True)
def log2(input: Any) -> Tensor:
    """The logarithm to base 2.

    Gradient: g / (input * ln 2).

    >>> import chainrule as torch
    >>> torch.log2(torch.tensor([1., 8.]))
    tensor([0., 3.])
    """
    return _log2(input)


@public(inplace=True)
def log10(input: Any) -> Tensor:
    """The logarithm to base 10.

    Gradient: g / (input * ln 10).

    >>> import chainrule as torch
    >>> torch.log10(torch.tensor([1., 100.]))
    tensor([0., 2.])
    """
    return _log10(input)


@public(inplace=True)
def log1p(input: Any) -> Tensor:
    """`log(1 + input)`, exact near 0.

    Gradient: g / (1 + input).

    >>> import chainrule as torch
    >>> torch.log1p(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6931])
    """
    return _log1p(input)


@public
def logaddexp(input: Any, other: Any) -> Tensor:
    """`log(exp(input) + exp(other))`, without overflow.

    Shapes: both broadcast together.
    Gradient: g * sigmoid(input - other), the rest for `other`.

    >>> import chainrule as torch
    >>> torch.logaddexp(torch.tensor([1., 1000.]), torch.tensor([1., 1000.]))
    tensor([   1.6931, 1000.6932])
    """
    require_tensors("logaddexp", input, other)
    return apply(Logaddexp, input, other)


@public
def logaddexp2(input: Any, other: Any) -> Tensor:
    """`log2(2**input + 2**other)`, without overflow.

    Shapes: both broadcast together.
    Gradient: g * sigmoid((input - other) * ln 2), the rest for `other`.

    >>> import chainrule as torch
    >>> torch.logaddexp2(torch.tensor([1., 1000.]), torch.tensor([1., 1000.]))
    tensor([   2., 1001.])
    """
    require_tensors("logaddexp2", input, other)
    return apply(Logaddexp2, input, other)


@public(inplace=True)
def sqrt(input: Any) -> Tensor:
    """The square root; NaN below 0.

    Gradient: g / (2 * out).

    >>> import chainrule as torch
    >>> torch.sqrt(torch.tensor([4., 2.]))
    tensor([2.0000, 1.4142])
    """
    return _sqrt(input)


@public(inplace=True)
def rsqrt(input: Any) -> Tensor:
    """`1 / sqrt(input)`.

    Gradient: -g * out**3 / 2.

    >>> import chainrule as torch
    >>> torch.rsqrt(torch.tensor([4., 16.]))
    tensor([0.5000, 0.2500])
    """
    return _rsqrt(input)


@public(inplace=True)
def square(input: Any) -> Tensor:
    """`input * input`, elementwise.

    Gradient: 2 * g * input.

    >>> import chainrule as torch
    >>> torch.square(torch.tensor([3., -2.]))
    tensor([9., 4.])
    """
    return pow(input, 2)  # type: ignore[no-any-return]


@public(inplace=True)
def pow(input: Any, exponent: Any) -> Tensor:
    """`input ** exponent`, elementwise; one of them may be a number.

    Shapes: both broadcast together.
    Gradient: g * exponent * input**(exponent - 1), and g * out * log(input) for `exponent`.
    Errors: integers to negative integer powers.

    >>> import chainrule as torch
    >>> torch.pow(torch.tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    >>> torch.pow(2, torch.tensor([1., 2., 3.]))
    tensor([2., 4., 8.])
    """
    require_tensor("pow", input, exponent)
    if not isinstance(exponent, Tensor) and isinstance(input, Tensor):
        return power_by(input, exponent)
    return apply(Power, input, exponent)  # type: ignore[no-any-return]


@public(inplace=True)
def float_power(input: Any, exponent: Any) -> Tensor:
    """`input ** exponent`, computed in float64.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.float_power(torch.tensor([2, 3]), -1)
    tensor([0.5000, 0.3333], dtype=torch.float64)
    """
    require_tensor("float_power", input, exponent)
    base, power = (cast(x, double_of(x)) if isinstance(x, Tensor) else x for x in (input, exponent))
    return pow(base, power)  # type: ignore[no-any-return]


def power_by(input: Tensor, exponent: Any) -> Tensor:
    """A tensor to the power of a number."""
    array = input._array
    dtype = spec.result_type([array, exponent])
    if dtype != array.dtype:
        input = cast(input, dtype)
    if dtype.kind == "c":
        return apply(Power, input, exponent)  # type: ignore[no-any-return]
    return apply(PowerBy, input, exponent=exponent)  # type: ignore[no-any-return]


def double_of(x: Tensor) -> Any:
    """float64, or complex128 for complex tensors."""
    return spec.COMPLEX128 if x._array.dtype.kind == "c" else spec.FLOAT64


def _pow(x: Tensor, y: Any) -> Any:
    if type(y) is int or type(y) is float:
        if x._array.dtype.kind == "f":  # no promotion: straight to the op
            return apply(PowerBy, x, exponent=y)
        return power_by(x, y)
    return _operator(x, y)


_operator = operator(Power)
T: Any = Tensor
T.__pow__, T.__rpow__, T.__ipow__ = _pow, operator(Power, swap=True), T.pow_
