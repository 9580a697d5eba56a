"""Log-normal: exp of a normal number."""

from __future__ import annotations

from typing import Any

from chainrule.distributions import constraints
from chainrule.distributions.normal import Normal
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import ExpTransform
from chainrule.tensor import Tensor

__all__ = ["LogNormal"]


class LogNormal(TransformedDistribution):
    """exp(x) of a normal number x.

    Args:
        loc, scale: mean and standard deviation of x; scale is positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.LogNormal(torch.tensor([0.]), torch.tensor([1.]))
    >>> d.mean, d.log_prob(torch.tensor([1.]))
    (tensor([1.6487]), tensor([-0.9189]))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive
    has_rsample = True
    _expands = {}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Tensor:
        """The mean of log x."""
        return self.base_dist.loc

    @property
    def scale(self) -> Tensor:
        """The standard deviation of log x."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        """exp(loc + scale**2 / 2)."""
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Tensor:
        """exp(loc - scale**2)."""
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Tensor:
        """(exp(scale**2) - 1) exp(2 loc + scale**2)."""
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Tensor:
        """The normal's, plus loc."""
        return self.base_dist.entropy() + self.loc
