"""Generalised Pareto: the tail above a threshold."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import broadcast_all
from chainrule.tensor import Tensor

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Distribution):
    """Excesses over a threshold: density (1 + c z)**(-1 - 1 / c) / scale, z = (x - loc) / scale.

    Args:
        loc: the threshold.
        scale: positive.
        concentration: c; 0 is the exponential distribution, negative ones have an upper end.

    Shapes: all parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in all parameters.

    >>> import chainrule as torch
    >>> d = torch.distributions.GeneralizedPareto(0., 1., 0.25)
    >>> d.mean, d.cdf(torch.tensor(1.))
    (tensor(1.3333), tensor(0.5904))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive,
                       "concentration": constraints.real}  # fmt: skip
    has_rsample = True
    _expands = {"loc": 0, "scale": 0, "concentration": 0}

    def __init__(self, loc: Any, scale: Any, concentration: Any,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        """From loc to loc - scale / c where c is negative, else to infinity."""
        end = self.loc - self.scale / self.concentration
        upper = torch.where(self.concentration < 0, end, torch.inf)
        return constraints.interval(self.loc, upper)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """The quantiles of uniform numbers."""
        return self.icdf(torch.rand(self._extended_shape(sample_shape), dtype=self.loc.dtype))

    def _split(self) -> tuple[Tensor, Tensor]:
        """Where the concentration is 0, and the concentration with 1 there."""
        c = self.concentration
        flat = torch.isclose(c, torch.zeros_like(c))
        return flat, torch.where(flat, torch.ones_like(c), c)

    def log_prob(self, value: Tensor) -> Tensor:
        """-log scale - (1 + 1 / c) log(1 + c z)."""
        if self._validate_args:
            self._validate_sample(value)
        z, (flat, c) = (value - self.loc) / self.scale, self._split()
        power = 1 / c + torch.ones_like(z)
        curved = torch.where(power == 0, power, power * torch.log1p(c * z))
        return -self.scale.log() - torch.where(flat, z, curved)

    def log_survival_function(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of more than `value`."""
        if self._validate_args:
            self._validate_sample(value)
        z, (flat, c) = (value - self.loc) / self.scale, self._split()
        return torch.where(flat, -z, -torch.log1p(c * z) / c)

    def log_cdf(self, value: Tensor) -> Tensor:
        """The logarithm of `cdf`."""
        return torch.log1p(-torch.exp(self.log_survival_function(value)))

    def cdf(self, value: Tensor) -> Tensor:
        """1 - (1 + c z)**(-1 / c)."""
        return torch.exp(self.log_cdf(value))

    def icdf(self, value: Tensor) -> Tensor:
        """loc + scale ((1 - q)**-c - 1) / c."""
        flat, c = self._split()
        left = torch.log1p(-value)
        curved = self.loc + self.scale / c * torch.expm1(-c * left)
        return torch.where(flat, self.loc - self.scale * left, curved)

    @property
    def mean(self) -> Tensor:
        """loc + scale / (1 - c), nan from c = 1."""
        valid = self.concentration < 1
        c = torch.where(valid, self.concentration, 0.5)
        return torch.where(valid, self.loc + self.scale / (1 - c), torch.nan)

    @property
    def variance(self) -> Tensor:
        """scale**2 / ((1 - c)**2 (1 - 2 c)), nan from c = 1/2."""
        valid = self.concentration < 0.5
        c = torch.where(valid, self.concentration, 0.25)
        return torch.where(valid, self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c)), torch.nan)

    def entropy(self) -> Tensor:
        """log scale + c + 1."""
        return torch.broadcast_to(torch.log(self.scale) + self.concentration + 1, self._batch_shape)

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc
