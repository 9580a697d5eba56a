"""Logistic normal: normal numbers on the simplex."""

from __future__ import annotations

from typing import Any

from chainrule.distributions import constraints
from chainrule.distributions.normal import Normal
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.transforms import StickBreakingTransform
from chainrule.tensor import Tensor

__all__ = ["LogisticNormal"]


class LogisticNormal(TransformedDistribution):
    """k numbers that sum to 1, broken off a stick by k - 1 normal numbers.

    Args:
        loc, scale: of the normal numbers, along the last dimension.

    Shapes: (*batch_shape, k - 1); an event is a vector of k.
    Gradient: `rsample` is differentiable in both.

    >>> import chainrule as torch
    >>> d = torch.distributions.LogisticNormal(torch.zeros(3), torch.ones(3))
    >>> d.event_shape, d.sample().sum()
    (torch.Size([4]), tensor(1...))
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex
    has_rsample = True
    _expands = {}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Tensor:
        """The means of the normal numbers."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Tensor:
        """Their standard deviations."""
        return self.base_dist.base_dist.scale
