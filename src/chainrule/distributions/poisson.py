"""Poisson: counts of independent events."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.distributions.utils import broadcast_all
from chainrule.tensor import Tensor

__all__ = ["Poisson"]


class Poisson(ExponentialFamily):
    """How many events happen where `rate` are expected: probability rate**k exp(-rate) / k!.

    Args:
        rate: not negative.

    Shapes: batch_shape is that of rate; events are numbers.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.Poisson(torch.tensor([4.]))
    >>> d.mean, d.log_prob(torch.tensor([2.]))
    (tensor([4.]), tensor([-1.9206]))
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer
    _expands = {"rate": 0}

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """rate."""
        return self.rate

    variance = mean

    @property
    def mode(self) -> Tensor:
        """floor(rate)."""
        return self.rate.floor()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts, as floats."""
        shape = self._extended_shape(sample_shape)
        with torch.no_grad():
            return torch.poisson(self.rate.expand(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """k log rate - rate - log k!."""
        if self._validate_args:
            self._validate_sample(value)
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (torch.log(self.rate),)

    def _log_normalizer(self, x: Tensor) -> Tensor:
        return torch.exp(x)
