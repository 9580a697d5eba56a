"""Negative binomial: successes before a number of failures."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.gamma import Gamma
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.distributions.utils import broadcast_all, lazy_property
from chainrule.nn.functional import logsigmoid
from chainrule.tensor import Tensor

__all__ = ["NegativeBinomial"]


class NegativeBinomial(ProbsOrLogits):
    """The number of successes, of probability `probs`, before `total_count` failures.

    Args:
        total_count: not negative; need not be whole.
        probs: in [0, 1), or
        logits: log(probs / (1 - probs)).

    Shapes: all parameters broadcast to batch_shape; events are numbers.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.NegativeBinomial(3, torch.tensor([0.5]))
    >>> d.mean, d.log_prob(torch.tensor([2.]))
    (tensor([3.]), tensor([-1.6740]))
    """

    arg_constraints = {"total_count": constraints.greater_than_eq(0),
                       "probs": constraints.half_open_interval(0.0, 1.0),
                       "logits": constraints.real}  # fmt: skip
    support = constraints.nonnegative_integer
    _expands = {"total_count": 0, "probs": 0, "logits": 0}
    _keeps = ("_by_logits",)

    def __init__(self, total_count: Any, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        require_one(probs, logits)
        self._by_logits = probs is None
        if self._by_logits:
            total, self.logits = broadcast_all(total_count, logits)
        else:
            total, self.probs = broadcast_all(total_count, probs)
        self.total_count = total.type_as(self._param)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """r p / (1 - p)."""
        return self.total_count * torch.exp(self.logits)

    @property
    def mode(self) -> Tensor:
        """floor((r - 1) p / (1 - p)), at least 0."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Tensor:
        """r p / (1 - p)**2."""
        return self.mean / torch.sigmoid(-self.logits)

    @lazy_property
    def _gamma(self) -> Gamma:
        """The rates of which the counts are Poisson distributed."""
        return Gamma(self.total_count, torch.exp(-self.logits), validate_args=False)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Poisson counts of gamma distributed rates."""
        with torch.no_grad():
            return torch.poisson(self._gamma.sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """log of (r + k - 1) over k, and r log(1 - p) + k log p."""
        if self._validate_args:
            self._validate_sample(value)
        r, logits = self.total_count, self.logits
        powers = r * logsigmoid(-logits) + value * logsigmoid(logits)
        choices = -torch.lgamma(r + value) + torch.lgamma(1.0 + value) + torch.lgamma(r)
        return powers - choices.masked_fill(r + value == 0.0, 0.0)
