"""Continuous Bernoulli: a number in [0, 1] with an exponential density."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.distributions.utils import (
    broadcast_all,
    clamp_probs,
    lazy_property,
    logits_to_probs,
)
from chainrule.errors import ArgumentError
from chainrule.nn.functional import binary_cross_entropy_with_logits
from chainrule.tensor import Tensor

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(ProbsOrLogits, ExponentialFamily):
    """Density proportional to p**x (1 - p)**(1 - x) on [0, 1]: what pixels between 0 and 1 need.

    Args:
        probs: p in (0, 1), or
        logits: log(p / (1 - p)).
        lims: between these values of p, where the formulas cancel, series are used.

    Shapes: batch_shape is that of the parameter; events are numbers.
    Gradient: `rsample` is differentiable in the parameter.
    Source: G. Loaiza-Ganem, J. Cunningham, The continuous Bernoulli, 2019.

    >>> import chainrule as torch
    >>> d = torch.distributions.ContinuousBernoulli(torch.tensor([0.3]))
    >>> d.mean, d.cdf(torch.tensor([0.5]))
    (tensor([0.4302]), tensor([0.6044]))
    """

    support = constraints.unit_interval
    has_rsample = True
    _mean_carrier_measure = 0
    _expands = {"probs": 0, "logits": 0}
    _keeps = ("_by_logits", "_lims")

    def __init__(self, probs: Any = None, logits: Any = None,
                 lims: tuple[float, float] = (0.499, 0.501),
                 validate_args: bool | None = None) -> None:  # fmt: skip
        require_one(probs, logits)
        self._by_logits = probs is None
        if self._by_logits:
            (self.logits,) = broadcast_all(logits)
        else:
            (probs,) = broadcast_all(probs)
            if validate_args is not None and not constraints.unit_interval._holds(probs):
                raise ArgumentError("The parameter probs has invalid values", [("probs", probs)])
            self.probs = clamp_probs(probs)
        self._lims = lims
        super().__init__(self._param.shape, validate_args=validate_args)

    @lazy_property
    def probs(self) -> Tensor:
        """p, kept inside (0, 1)."""
        return clamp_probs(logits_to_probs(self.logits, True))

    def _outside_unstable_region(self) -> Tensor:
        return (self.probs <= self._lims[0]) | (self.probs > self._lims[1])

    def _cut_probs(self) -> Tensor:
        """p, or the lower limit where the formulas cancel."""
        return torch.where(self._outside_unstable_region(), self.probs, self._lims[0])

    def _away_from_half(self, formula: Tensor, series: Tensor) -> Tensor:
        return torch.where(self._outside_unstable_region(), formula, series)

    def _cont_bern_log_norm(self) -> Tensor:
        """The logarithm of the factor that makes the density integrate to 1."""
        p = self._cut_probs()
        low = p <= 0.5
        below = torch.where(low, p, torch.zeros_like(p))
        above = torch.where(p >= 0.5, p, torch.ones_like(p))
        width = torch.where(low, torch.log1p(-2.0 * below), torch.log(2.0 * above - 1.0))
        formula = torch.log(torch.abs(torch.log1p(-p) - torch.log(p))) - width
        x = torch.pow(self.probs - 0.5, 2)
        return self._away_from_half(formula, math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * x) * x)

    @property
    def mean(self) -> Tensor:
        """p / (2 p - 1) + 1 / log((1 - p) / p)."""
        p = self._cut_probs()
        formula = p / (2.0 * p - 1.0) + 1.0 / (torch.log1p(-p) - torch.log(p))
        x = self.probs - 0.5
        return self._away_from_half(formula, 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * torch.pow(x, 2)) * x)

    @property
    def variance(self) -> Tensor:
        """p (p - 1) / (1 - 2 p)**2 + 1 / log((1 - p) / p)**2."""
        p = self._cut_probs()
        formula = p * (p - 1.0) / torch.pow(1.0 - 2.0 * p, 2)
        formula = formula + 1.0 / torch.pow(torch.log1p(-p) - torch.log(p), 2)
        x = torch.pow(self.probs - 0.5, 2)
        series = 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x
        return self._away_from_half(formula, series)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The quantiles of uniform numbers."""
        return self.icdf(torch.rand(self._extended_shape(sample_shape), dtype=self.probs.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        """x log p + (1 - x) log(1 - p), and the normaliser."""
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        cross_entropy = binary_cross_entropy_with_logits(logits, value, reduction="none")
        return -cross_entropy + self._cont_bern_log_norm()

    def cdf(self, value: Tensor) -> Tensor:
        """(p**x (1 - p)**(1 - x) + p - 1) / (2 p - 1)."""
        if self._validate_args:
            self._validate_sample(value)
        p = self._cut_probs()
        weight = torch.pow(p, value) * torch.pow(1.0 - p, 1.0 - value)
        inside = self._away_from_half((weight + p - 1.0) / (2.0 * p - 1.0), value)
        above = torch.where(value >= 1.0, torch.ones_like(value), inside)
        return torch.where(value <= 0.0, torch.zeros_like(value), above)

    def icdf(self, value: Tensor) -> Tensor:
        """log1p(q (2 p - 1) / (1 - p)) / log(p / (1 - p)), in a form that does not cancel."""
        p = self._cut_probs()
        top = torch.log1p(-p + value * (2.0 * p - 1.0)) - torch.log1p(-p)
        return self._away_from_half(top / (torch.log(p) - torch.log1p(-p)), value)

    def entropy(self) -> Tensor:
        """mean (log(1 - p) - log p) - log(1 - p) - log of the normaliser."""
        zero, one = torch.log1p(-self.probs), torch.log(self.probs)
        return self.mean * (zero - one) - self._cont_bern_log_norm() - zero

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.logits,)

    def _log_normalizer(self, x: Tensor) -> Tensor:
        low, high = self._lims[0] - 0.5, self._lims[1] - 0.5
        outside = (x <= low) | (x > high)
        cut = torch.where(outside, x, low)
        formula = torch.log(torch.abs(torch.expm1(cut))) - torch.log(torch.abs(cut))
        series = 0.5 * x + torch.pow(x, 2) / 24.0 - torch.pow(x, 4) / 2880.0
        return torch.where(outside, formula, series)
