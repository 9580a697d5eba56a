"""Gamma and Dirichlet samples with torch's stream and pathwise gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.autograd.record import apply
from chainrule.functional import filling
from chainrule.functional.border import EXPORTS
from chainrule.ops.pathwise import Dirichlet, DirichletGrad, StandardGamma, StandardGammaGrad
from chainrule.random import of as generator_of
from chainrule.tensor import Tensor

Array = Any
THIRD = float(np.float32(1) / np.float32(3))  # torch's constants are float32
SQUEEZE = float(np.float32(0.0331))
TWO_PI = 2 * math.pi


def _standard_gamma(input: Tensor, generator: Any = None) -> Tensor:
    """Samples of the gamma distribution with the concentrations in `input` and rate 1.

    Shapes: that of `input`.
    Gradient: pathwise, as if each sample were a smooth function of its concentration.

    >>> import chainrule as torch
    >>> bool((torch._standard_gamma(torch.tensor([0.5, 1., 20.])) > 0).all())
    True
    """
    alpha = input._array
    filling.require_floating(alpha, "gamma_cpu")
    tiny = dtypes.finfo(dtypes.of(alpha.dtype)).tiny
    narrow = alpha.astype(np.float32) if alpha.dtype.itemsize == 2 else alpha
    drawn = gammas(narrow, generator_of(generator))
    samples = np.maximum(drawn, tiny).astype(alpha.dtype).reshape(alpha.shape)
    return apply(StandardGamma, input, samples)  # type: ignore[no-any-return]


def _sample_dirichlet(input: Tensor, generator: Any = None) -> Tensor:
    """Rows that sum to 1, Dirichlet distributed with the concentrations in the rows of `input`.

    Shapes: (..., k) -> (..., k).
    Gradient: pathwise.

    >>> import chainrule as torch
    >>> x = torch._sample_dirichlet(torch.tensor([0.5, 1., 20.]))
    >>> bool((x.sum() - 1).abs() < 1e-6)
    True
    """
    alpha = input._array
    filling.require_floating(alpha, "dirichlet")
    gamma = gammas(alpha.astype(np.float64), generator_of(generator)).reshape(alpha.shape)
    ratio = (gamma / gamma.sum(axis=-1, keepdims=True)).astype(alpha.dtype)
    one, tiny = alpha.dtype.type(1), dtypes.finfo(dtypes.of(alpha.dtype)).tiny
    samples = np.clip(ratio, alpha.dtype.type(tiny), np.nextafter(one, alpha.dtype.type(0)))
    return apply(Dirichlet, input, samples)  # type: ignore[no-any-return]


def gammas(alpha: Array, source: Any) -> Array:
    """One gamma sample in float64 for each concentration, in order, drawn from one stream.

    Source: G. Marsaglia, W. Tsang, A simple method for generating gamma variables, 2000.  What
    depends on the concentrations alone is computed in their own precision, as torch does.
    """
    out = np.empty(alpha.size)
    flat = alpha.ravel()
    small = flat < 1
    shift = np.where(small, flat + 1, flat) - alpha.dtype.type(THIRD)
    wide = shift.astype(np.float64)
    with np.errstate(all="ignore"):
        exponents = np.where(small, 1 / flat, 0).tolist()  # 1 / 0 = inf: the sample is 0
        parameters = zip(exponents, wide.tolist(), (1 / np.sqrt(9 * wide)).tolist(), strict=True)
    log, log1p, sqrt = math.log, math.log1p, math.sqrt
    spare = source._normal  # of the pairs in which normal numbers come, shared with randn
    with source.stream(min(1024, 4 * alpha.size + 8)) as uniform:
        for i, (exponent, d, c) in enumerate(parameters):
            if exponent == math.inf or not d > 0:  # nan: no number would ever be accepted
                out[i] = 0 if exponent == math.inf else math.nan
                continue
            scale = (1 - uniform()) ** exponent if exponent else 1.0
            while True:
                if spare is None:
                    angle = TWO_PI * uniform()
                    radius = sqrt(-2 * log1p(-uniform()))
                    x, spare = radius * math.cos(angle), radius * math.sin(angle)
                else:
                    x, spare = spare, None
                y = 1 + c * x
                if y <= 0:
                    continue
                v = y * y * y
                u = 1 - uniform()
                square = x * x
                if u < 1 - SQUEEZE * square * square:
                    break
                if log(u) < 0.5 * square + d * (1 - v + log(v)):
                    break
            out[i] = scale * d * v
    source._normal = spare
    return out


def _standard_gamma_grad(input: Tensor, output: Tensor) -> Tensor:
    """How the gamma samples `output` move with their concentrations `input`.

    >>> import chainrule as torch
    >>> torch._standard_gamma_grad(torch.tensor(1.), torch.tensor(2.))
    tensor(1.6317)
    """
    return apply(StandardGammaGrad, input, output)  # type: ignore[no-any-return]


def _dirichlet_grad(x: Tensor, alpha: Tensor, total: Tensor) -> Tensor:
    """How Dirichlet samples `x` move with their concentrations `alpha`, divided by 1 - x.

    >>> import chainrule as torch
    >>> one = torch.tensor(1.)
    >>> torch._dirichlet_grad(one * 0.5, one, 2 * one)
    tensor(0.6931)
    """
    return apply(DirichletGrad, x, alpha, total)  # type: ignore[no-any-return]


EXPORTS.update(
    _standard_gamma=_standard_gamma, _sample_dirichlet=_sample_dirichlet,
    _standard_gamma_grad=_standard_gamma_grad, _dirichlet_grad=_dirichlet_grad,
)  # fmt: skip
