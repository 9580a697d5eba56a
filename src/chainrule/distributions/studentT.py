"""Student's t: a normal number over an estimated deviation."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.chi2 import Chi2
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import _standard_normal, broadcast_all
from chainrule.tensor import Tensor

__all__ = ["StudentT"]


class StudentT(Distribution):
    """loc + scale * e / sqrt(z / df) of a normal number e and a chi-squared number z.

    Args:
        df: degrees of freedom, positive; fewer mean heavier tails.
        loc, scale: centre and spread; scale is positive.

    Shapes: all parameters broadcast to batch_shape; events are numbers.
    Gradient: `rsample` is differentiable in all parameters.

    >>> import chainrule as torch
    >>> d = torch.distributions.StudentT(torch.tensor([4.]))
    >>> d.variance, d.log_prob(torch.tensor([0.]))
    (tensor([2.]), tensor([-0.9808]))
    """

    arg_constraints = {"df": constraints.positive, "loc": constraints.real,
                       "scale": constraints.positive}  # fmt: skip
    support = constraints.real
    has_rsample = True
    _expands = {"df": 0, "loc": 0, "scale": 0, "_chi2": 0}

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """loc, nan up to df = 1."""
        return self.loc.masked_fill(self.df <= 1, torch.nan)

    @property
    def mode(self) -> Tensor:
        """loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """scale**2 df / (df - 2); infinite up to df = 2, nan up to df = 1."""
        enough = self.df > 2
        df = torch.where(enough, self.df, 3.0)
        result = torch.where(enough, self.scale.pow(2) * df / (df - 2), torch.inf)
        return result.masked_fill(self.df <= 1, torch.nan)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + scale * e / sqrt(z / df)."""
        normal = _standard_normal(self._extended_shape(sample_shape), self.df.dtype)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (normal * torch.rsqrt(z / self.df))

    def log_prob(self, value: Tensor) -> Tensor:
        """-(df + 1) / 2 log(1 + y**2 / df), normalised, with y = (x - loc) / scale."""
        if self._validate_args:
            self._validate_sample(value)
        y, df = (value - self.loc) / self.scale, self.df
        normalizer = (
            self.scale.log() + 0.5 * df.log() + 0.5 * math.log(math.pi)
            + torch.lgamma(0.5 * df) - torch.lgamma(0.5 * (df + 1.0))
        )  # fmt: skip
        return -0.5 * (df + 1.0) * torch.log1p(y**2.0 / df) - normalizer

    def entropy(self) -> Tensor:
        """(df + 1) / 2 (digamma((df + 1) / 2) - digamma(df / 2)) + log(scale sqrt(df) B)."""
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        log_beta = torch.lgamma(half) + math.lgamma(0.5) - torch.lgamma(more)
        slope = torch.digamma(more) - torch.digamma(half)
        return self.scale.log() + more * slope + 0.5 * self.df.log() + log_beta
