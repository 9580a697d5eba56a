"""Kumaraswamy: like Beta, with a quantile in closed form."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import AffineTransform, PowerTransform
from chainrule.distributions.uniform import Uniform
from chainrule.distributions.utils import broadcast_all, euler_constant
from chainrule.tensor import Tensor

__all__ = ["Kumaraswamy"]


class Kumaraswamy(TransformedDistribution):
    """Density a b x**(a - 1) (1 - x**a)**(b - 1) on [0, 1].

    Args:
        concentration1: a, positive.
        concentration0: b, positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.Kumaraswamy(torch.tensor([2.]), torch.tensor([2.]))
    >>> d.mean, d.log_prob(torch.tensor([0.5]))
    (tensor([0.5333]), tensor([0.4055]))
    """

    arg_constraints = {"concentration1": constraints.positive,
                       "concentration0": constraints.positive}  # fmt: skip
    support = constraints.unit_interval
    has_rsample = True
    _expands = {"concentration1": 0, "concentration0": 0}

    def __init__(self, concentration1: Any, concentration0: Any,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        zero = torch.zeros_like(self.concentration0)
        uniform = Uniform(zero, zero + 1, validate_args=validate_args)
        steps = [PowerTransform(self.concentration0.reciprocal()), AffineTransform(1.0, -1.0),
                 PowerTransform(self.concentration1.reciprocal())]  # fmt: skip
        super().__init__(uniform, steps, validate_args=validate_args)

    def _moment(self, n: int) -> Tensor:
        """The mean of x**n: b B(1 + n / a, b)."""
        b, first = self.concentration0, 1 + n / self.concentration1
        log_beta = torch.lgamma(first) + torch.lgamma(b) - torch.lgamma(first + b)
        return b * torch.exp(log_beta)

    @property
    def mean(self) -> Tensor:
        """The first moment."""
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        """nan where a or b is below 1."""
        a, b = self.concentration1, self.concentration0
        log_mode = b.reciprocal() * (-b).log1p() - (-b * a).log1p()
        return log_mode.masked_fill((b < 1) | (a < 1), torch.nan).exp()

    @property
    def variance(self) -> Tensor:
        """The second moment less the square of the first."""
        return self._moment(2) - torch.pow(self.mean, 2)

    def entropy(self) -> Tensor:
        """1 - 1/b + (1 - 1/a) (digamma(b + 1) + Euler's constant) - log a b."""
        a, b = self.concentration1, self.concentration0
        harmonic = torch.digamma(b + 1) + euler_constant
        first = 1 - b.reciprocal() + (1 - a.reciprocal()) * harmonic
        return first - torch.log(a) - torch.log(b)
