"""Inverse gamma: 1 / x of a gamma number."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.gamma import Gamma
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import PowerTransform
from chainrule.tensor import Tensor

__all__ = ["InverseGamma"]


class InverseGamma(TransformedDistribution):
    """1 / x of a number x ~ Gamma(concentration, rate).

    Args:
        concentration, rate: those of the gamma distribution, positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.InverseGamma(torch.tensor([2.]), torch.tensor([3.]))
    >>> d.mean, d.log_prob(torch.tensor([1.]))
    (tensor([3.]), tensor([-0.8028]))
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.positive
    has_rsample = True
    _expands = {}

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        inverse = PowerTransform(-torch.ones((), dtype=base.rate.dtype))
        super().__init__(base, inverse, validate_args=validate_args)

    @property
    def concentration(self) -> Tensor:
        """That of the gamma distribution."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Tensor:
        """That of the gamma distribution."""
        return self.base_dist.rate

    @property
    def mean(self) -> Tensor:
        """rate / (a - 1), infinite up to a = 1."""
        a = self.concentration
        return torch.where(a > 1, self.rate / (a - 1), torch.inf)

    @property
    def mode(self) -> Tensor:
        """rate / (a + 1)."""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Tensor:
        """rate**2 / ((a - 1)**2 (a - 2)), infinite up to a = 2."""
        a = self.concentration
        result = self.rate.square() / ((a - 1).square() * (a - 2))
        return torch.where(a > 2, result, torch.inf)

    def entropy(self) -> Tensor:
        """a + log rate + log gamma(a) - (1 + a) digamma(a)."""
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()
