"""Special functions: error functions, gamma and its kin, entropies."""

from __future__ import annotations

import math
from typing import Any

from chainrule.autograd.inplace import check_writable, write
from chainrule.autograd.record import apply, unary
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS, public, require_tensor, require_tensors, with_out
from chainrule.ops.activation import Sigmoid
from chainrule.ops.special import (
    I0,
    I1,
    Digamma,
    Entr,
    Erf,
    Erfc,
    Erfcx,
    Erfinv,
    I0e,
    I1e,
    Igamma,
    Igammac,
    Lgamma,
    Logit,
    LogNdtr,
    Ndtr,
    Ndtri,
    Polygamma,
    Xlog1py,
    Xlogy,
    Zeta,
)
from chainrule.tensor import Tensor

_sigmoid, _erf, _erfc, _erfinv = unary(Sigmoid), unary(Erf), unary(Erfc), unary(Erfinv)
_lgamma, _digamma, _i0 = unary(Lgamma), unary(Digamma), unary(I0)


@public(inplace=True, fast=_sigmoid)
def sigmoid(input: Any) -> Tensor:
    """`1 / (1 + exp(-input))`, between 0 and 1.

    Gradient: g * out * (1 - out).

    >>> import chainrule as torch
    >>> torch.sigmoid(torch.tensor([0., 2., -200.]))
    tensor([0.5000, 0.8808, 0.0000])
    """
    return _sigmoid(input)


@public(inplace=True)
def logit(input: Any, eps: float | None = None) -> Tensor:
    """`log(input / (1 - input))`, the inverse of sigmoid; with `eps`, of input in [eps, 1 - eps].

    Gradient: g / (input * (1 - input)); outside NaN, or 0 with `eps`.

    >>> import chainrule as torch
    >>> torch.logit(torch.tensor([0.5, 0.9]))
    tensor([0.0000, 2.1972])
    """
    eps = None if eps is None or eps < 0 else float(eps)
    return apply(Logit, input, eps=eps)  # type: ignore[no-any-return]


@public(inplace=True)
def erf(input: Any) -> Tensor:
    """The error function.

    Gradient: g * 2 / sqrt(pi) * exp(-input**2).

    >>> import chainrule as torch
    >>> torch.erf(torch.tensor([0.5, 1., 2.]))
    tensor([0.5205, 0.8427, 0.9953])
    """
    return _erf(input)


@public(inplace=True)
def erfc(input: Any) -> Tensor:
    """`1 - erf(input)`, exact where erf is close to 1.

    Gradient: -g * 2 / sqrt(pi) * exp(-input**2).

    >>> import chainrule as torch
    >>> torch.erfc(torch.tensor([0.5, 1., 2.]))
    tensor([0.4795, 0.1573, 0.0047])
    """
    return _erfc(input)


@public(inplace=True)
def erfinv(input: Any) -> Tensor:
    """The inverse of erf; NaN outside [-1, 1].

    Gradient: g * sqrt(pi) / 2 * exp(out**2).

    >>> import chainrule as torch
    >>> torch.erfinv(torch.tensor([0.1, 0.5]))
    tensor([0.0889, 0.4769])
    """
    return _erfinv(input)


@public(inplace=True)
def lgamma(input: Any) -> Tensor:
    """The natural logarithm of |gamma(input)|.

    Gradient: g * digamma(input).

    >>> import chainrule as torch
    >>> torch.lgamma(torch.tensor([0.5, 1., 2.]))
    tensor([0.5724, 0.0000, 0.0000])
    """
    return _lgamma(input)


@public(inplace=True)
def digamma(input: Any) -> Tensor:
    """The derivative of lgamma.

    Gradient: g * polygamma(1, input).

    >>> import chainrule as torch
    >>> torch.digamma(torch.tensor([0.5, 1., 2.]))
    tensor([-1.9635, -0.5772,  0.4228])
    """
    return _digamma(input)


@public(inplace=True)
def i0(input: Any) -> Tensor:
    """The modified Bessel function of the first kind, order 0.

    Gradient: g * i1(input).

    >>> import chainrule as torch
    >>> torch.i0(torch.tensor([0.5, 1., 2.]))
    tensor([1.0635, 1.2661, 2.2796])
    """
    return _i0(input)


@public(inplace=True)
def xlogy(input: Any, other: Any) -> Tensor:
    """`input * log(other)`, and 0 where input is 0.

    Shapes: both broadcast together.
    Gradient: g * log(other), and g * input / other for `other`.

    >>> import chainrule as torch
    >>> torch.xlogy(torch.tensor([0., 2.]), torch.tensor([0., 3.]))
    tensor([0.0000, 2.1972])
    """
    require_tensor("xlogy", input, other)
    return apply(Xlogy, input, other)


@public(inplace=True)
def igamma(input: Any, other: Any) -> Tensor:
    """The lower regularised incomplete gamma function P(input, other).

    Shapes: both broadcast together.
    Gradient: g * the density of the gamma distribution for `other`; none for `input`.

    >>> import chainrule as torch
    >>> torch.igamma(torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    tensor([0.6321, 0.2642])
    """
    require_tensors("igamma", input, other)
    return apply(Igamma, input, other)


@public(inplace=True)
def igammac(input: Any, other: Any) -> Tensor:
    """The upper one, 1 - igamma(input, other).

    Shapes: both broadcast together.
    Gradient: -g * the density of the gamma distribution for `other`; none for `input`.

    >>> import chainrule as torch
    >>> torch.igammac(torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    tensor([0.3679, 0.7358])
    """
    require_tensors("igammac", input, other)
    return apply(Igammac, input, other)


@public(inplace=True)
def mvlgamma(input: Any, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`.

    Gradient: g * the sum of digamma(input - j / 2) over j < p.

    >>> import chainrule as torch
    >>> torch.mvlgamma(torch.tensor([2., 3.]), 2)
    tensor([0.4516, 1.5502])
    """
    total = _lgamma(input)
    for j in range(1, p):
        total = total + _lgamma(input - j / 2)
    return total + p * (p - 1) / 4 * math.log(math.pi)  # type: ignore[no-any-return]


@public(method=False)
def polygamma(n: int, input: Any) -> Tensor:
    """The n-th derivative of digamma.

    Gradient: g * polygamma(n + 1, input).
    Errors: a negative `n`.

    >>> import chainrule as torch
    >>> torch.polygamma(1, torch.tensor([1., 2.]))
    tensor([1.6449, 0.6449])
    """
    if n < 0:
        raise ArgumentError("polygamma(n, x) does not support negative n.", [("n", n)])
    if n == 0:
        return _digamma(input)  # type: ignore[no-any-return]
    return apply(Polygamma, input, n=n)  # type: ignore[no-any-return]


@with_out
def erfcx(input: Any) -> Tensor:
    """`exp(input**2) * erfc(input)`, without overflow.

    Gradient: g * (2 * input * out - 2 / sqrt(pi)).

    >>> import chainrule as torch
    >>> torch.special.erfcx(torch.tensor([0.5, 1., 2.]))
    tensor([0.6157, 0.4276, 0.2554])
    """
    return apply(Erfcx, input)  # type: ignore[no-any-return]


@with_out
def ndtr(input: Any) -> Tensor:
    """The area under the standard normal density up to `input`.

    Gradient: g * exp(-input**2 / 2) / sqrt(2 pi).

    >>> import chainrule as torch
    >>> torch.special.ndtr(torch.tensor([0.5, 1., 2.]))
    tensor([0.6915, 0.8413, 0.9772])
    """
    return apply(Ndtr, input)  # type: ignore[no-any-return]


@with_out
def log_ndtr(input: Any) -> Tensor:
    """`log(ndtr(input))`, exact far below 0.

    Gradient: g * the density over ndtr(input).

    >>> import chainrule as torch
    >>> torch.special.log_ndtr(torch.tensor([-30., 0.]))
    tensor([-454.3213,   -0.6931])
    """
    return apply(LogNdtr, input)  # type: ignore[no-any-return]


@with_out
def ndtri(input: Any) -> Tensor:
    """The inverse of ndtr.

    Gradient: g * sqrt(2 pi) * exp(out**2 / 2).

    >>> import chainrule as torch
    >>> torch.special.ndtri(torch.tensor([0.1, 0.5]))
    tensor([-1.2816,  0.0000])
    """
    return apply(Ndtri, input)  # type: ignore[no-any-return]


@with_out
def entr(input: Any) -> Tensor:
    """`-input * log(input)`, 0 at 0 and -inf below.

    Gradient: -g * (1 + log(input)).

    >>> import chainrule as torch
    >>> torch.special.entr(torch.tensor([0.5, 1., 2.]))
    tensor([ 0.3466, -0.0000, -1.3863])
    """
    return apply(Entr, input)  # type: ignore[no-any-return]


@with_out
def i0e(input: Any) -> Tensor:
    """`exp(-|input|) * i0(input)`.

    Gradient: g * (i1e(input) - sign(input) * out).

    >>> import chainrule as torch
    >>> torch.special.i0e(torch.tensor([0.5, 1., 2.]))
    tensor([0.6450, 0.4658, 0.3085])
    """
    return apply(I0e, input)  # type: ignore[no-any-return]


@with_out
def i1(input: Any) -> Tensor:
    """The modified Bessel function of the first kind, order 1.

    Gradient: g * (i0(input) - out / input), g / 2 at 0.

    >>> import chainrule as torch
    >>> torch.special.i1(torch.tensor([0.5, 1., 2.]))
    tensor([0.2579, 0.5652, 1.5906])
    """
    return apply(I1, input)  # type: ignore[no-any-return]


@with_out
def i1e(input: Any) -> Tensor:
    """`exp(-|input|) * i1(input)`.

    Gradient: g * (i0e(input) - out * (sign(input) + 1 / input)), g / 2 at 0.

    >>> import chainrule as torch
    >>> torch.special.i1e(torch.tensor([0.5, 1., 2.]))
    tensor([0.1564, 0.2079, 0.2153])
    """
    return apply(I1e, input)  # type: ignore[no-any-return]


@with_out
def xlog1py(input: Any, other: Any) -> Tensor:
    """`input * log(1 + other)`, and 0 where input is 0.

    Shapes: both broadcast together.
    Gradient: g * log1p(other), and g * input / (1 + other) for `other`.

    >>> import chainrule as torch
    >>> torch.special.xlog1py(torch.tensor([0., 2.]), torch.tensor([-1., 3.]))
    tensor([0.0000, 2.7726])
    """
    require_tensor("xlog1py", input, other)
    return apply(Xlog1py, input, other)  # type: ignore[no-any-return]


@with_out
def zeta(input: Any, other: Any) -> Tensor:
    """The Hurwitz zeta function: the sum of (k + other)**-input over k >= 0.

    Shapes: both broadcast together.
    Gradient: -g * input * zeta(input + 1, other) for `other`; none for `input`.

    >>> import chainrule as torch
    >>> torch.special.zeta(torch.tensor([2., 4.]), torch.tensor([1., 1.]))
    tensor([1.6449, 1.0823])
    """
    require_tensor("zeta", input, other)
    return apply(Zeta, input, other)  # type: ignore[no-any-return]


def polygamma_method(self: Tensor, n: int) -> Any:
    """The n-th derivative of digamma, here."""
    return EXPORTS["polygamma"](n, self)


def polygamma_in_place(self: Tensor, n: int) -> Any:
    """In-place polygamma(): writes the result into this tensor and returns it."""
    check_writable(self)
    return write(self, polygamma_method(self, n))


T: Any = Tensor
T.polygamma, T.polygamma_ = polygamma_method, polygamma_in_place
