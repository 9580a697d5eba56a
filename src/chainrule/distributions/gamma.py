"""Gamma: positive numbers with a rate and a concentration."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.distributions.utils import broadcast_all
from chainrule.tensor import Tensor

__all__ = ["Gamma"]


def _standard_gamma(concentration: Tensor) -> Tensor:
    return torch._standard_gamma(concentration)


class Gamma(ExponentialFamily):
    """Density proportional to x**(concentration - 1) * exp(-rate x) on the positive numbers.

    Args:
        concentration: the shape, positive.
        rate: the inverse of the scale, positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both; in the concentration pathwise.

    >>> import chainrule as torch
    >>> d = torch.distributions.Gamma(torch.tensor([2.]), torch.tensor([4.]))
    >>> d.mean, d.log_prob(torch.tensor([0.5]))
    (tensor([0.5000]), tensor([0.0794]))
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0
    _expands = {"concentration": 0, "rate": 0}

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """concentration / rate."""
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        """(concentration - 1) / rate, at least 0."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        """concentration / rate**2."""
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """A standard gamma sample divided by the rate."""
        shape = self._extended_shape(sample_shape)
        value = _standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        array = value._array  # no sample is 0; the gradient stays that of the quotient
        np.maximum(array, array.dtype.type(torch.finfo(value.dtype).tiny), out=array)
        return value

    def log_prob(self, value: Any) -> Tensor:
        """a log r + (a - 1) log x - r x - log gamma(a)."""
        value = torch.as_tensor(value, dtype=self.rate.dtype)
        if self._validate_args:
            self._validate_sample(value)
        a, r = self.concentration, self.rate
        return torch.xlogy(a, r) + torch.xlogy(a - 1, value) - r * value - torch.lgamma(a)

    def entropy(self) -> Tensor:
        """a - log r + log gamma(a) + (1 - a) digamma(a)."""
        a = self.concentration
        return a - torch.log(self.rate) + torch.lgamma(a) + (1.0 - a) * torch.digamma(a)

    def cdf(self, value: Tensor) -> Tensor:
        """The lower regularised gamma function of (a, r x); not differentiable in a."""
        if self._validate_args:
            self._validate_sample(value)
        return torch.special.gammainc(self.concentration, self.rate * value)

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.lgamma(x + 1) + (x + 1) * torch.log(-y.reciprocal())
