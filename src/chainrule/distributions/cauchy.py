"""Cauchy: heavy tails, no mean."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import broadcast_all
from chainrule.tensor import Tensor

__all__ = ["Cauchy"]


class Cauchy(Distribution):
    """The ratio of two normal numbers, as m + s x: density 1 / (pi s (1 + ((x - m) / s)**2)).

    Args:
        loc: the median m.
        scale: half the width at half the height, positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.Cauchy(0., 1.)
    >>> d.cdf(torch.tensor(1.)), d.mean
    (tensor(0.7500), tensor(nan))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True
    _expands = {"loc": 0, "scale": 0}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """nan: the integral does not exist."""
        return torch.full(self._extended_shape(), torch.nan, dtype=self.loc.dtype)

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """Infinite."""
        return torch.full(self._extended_shape(), torch.inf, dtype=self.loc.dtype)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + scale times a standard Cauchy number."""
        standard = torch.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).cauchy_()
        return self.loc + standard * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        """-log pi - log s - log(1 + ((x - m) / s)**2)."""
        if self._validate_args:
            self._validate_sample(value)
        z = (value - self.loc) / self.scale
        return -math.log(math.pi) - self.scale.log() - (z**2).log1p()

    def cdf(self, value: Tensor) -> Tensor:
        """atan((x - m) / s) / pi + 1/2."""
        if self._validate_args:
            self._validate_sample(value)
        return torch.atan((value - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Tensor) -> Tensor:
        """m + s tan(pi (q - 1/2))."""
        return torch.tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Tensor:
        """log(4 pi s)."""
        return math.log(4 * math.pi) + self.scale.log()
