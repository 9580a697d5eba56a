"""Gumbel: the largest of many numbers."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import AffineTransform, ExpTransform
from chainrule.distributions.uniform import Uniform
from chainrule.distributions.utils import broadcast_all, euler_constant
from chainrule.tensor import Tensor

__all__ = ["Gumbel"]


class Gumbel(TransformedDistribution):
    """loc - scale log(-log u) of a uniform number u: the limit of the maximum of many numbers.

    Args:
        loc: the mode.
        scale: positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.Gumbel(torch.tensor([1.]), torch.tensor([2.]))
    >>> d.mean, d.log_prob(torch.tensor([1.]))
    (tensor([2.1544]), tensor([-1.6931]))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    _expands = {"loc": 0, "scale": 0}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        info = torch.finfo(self.loc.dtype)
        low = torch.full_like(self.loc, info.tiny)
        high = torch.full_like(self.loc, 1 - info.eps)
        uniform = Uniform(low, high, validate_args=validate_args)
        steps = [ExpTransform().inv, AffineTransform(0, -torch.ones_like(self.scale)),
                 ExpTransform().inv, AffineTransform(loc, -self.scale)]  # fmt: skip
        super().__init__(uniform, steps, validate_args=validate_args)

    def log_prob(self, value: Tensor) -> Tensor:
        """y - exp(y) - log scale with y = (loc - x) / scale."""
        if self._validate_args:
            self._validate_sample(value)
        y = (self.loc - value) / self.scale
        return y - y.exp() - self.scale.log()

    @property
    def mean(self) -> Tensor:
        """loc + scale times Euler's constant."""
        return self.loc + self.scale * euler_constant

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def stddev(self) -> Tensor:
        """pi / sqrt(6) scale."""
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Tensor:
        """pi**2 / 6 scale**2."""
        return self.stddev.pow(2)

    def entropy(self) -> Tensor:
        """log scale + 1 + Euler's constant."""
        return self.scale.log() + (1 + euler_constant)
