"""Weibull: times to failure."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.exponential import Exponential
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import AffineTransform, PowerTransform
from chainrule.distributions.utils import broadcast_all, euler_constant
from chainrule.tensor import Tensor

__all__ = ["Weibull"]


class Weibull(TransformedDistribution):
    """scale * e**(1 / concentration) of an exponential number e.

    Args:
        scale: positive.
        concentration: below 1 failures become rarer with age, above 1 more frequent.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.Weibull(torch.tensor([1.]), torch.tensor([2.]))
    >>> d.mean, d.log_prob(torch.tensor([1.]))
    (tensor([0.8862]), tensor([-0.3069]))
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive
    _expands = {"scale": 0, "concentration": 0, "concentration_reciprocal": 0}

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(torch.ones_like(self.scale), validate_args=validate_args)
        steps = [PowerTransform(self.concentration_reciprocal), AffineTransform(0, self.scale)]
        super().__init__(base, steps, validate_args=validate_args)

    def _gamma(self, n: int) -> Tensor:
        """gamma(1 + n / concentration), the n-th moment for scale 1."""
        return torch.exp(torch.lgamma(1 + n * self.concentration_reciprocal))

    @property
    def mean(self) -> Tensor:
        """scale gamma(1 + 1/c)."""
        return self.scale * self._gamma(1)

    @property
    def mode(self) -> Tensor:
        """scale ((c - 1) / c)**(1/c)."""
        c = self.concentration
        return self.scale * ((c - 1) / c) ** c.reciprocal()

    @property
    def variance(self) -> Tensor:
        """scale**2 (gamma(1 + 2/c) - gamma(1 + 1/c)**2)."""
        square = torch.exp(2 * torch.lgamma(1 + self.concentration_reciprocal))
        return self.scale.pow(2) * (self._gamma(2) - square)

    def entropy(self) -> Tensor:
        """Euler's constant times (1 - 1/c), plus log(scale / c) + 1."""
        slow = self.concentration_reciprocal
        return euler_constant * (1 - slow) + torch.log(self.scale * slow) + 1
