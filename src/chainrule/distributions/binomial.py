"""Binomial: successes among a number of trials."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.distributions.utils import broadcast_all
from chainrule.tensor import Tensor

__all__ = ["Binomial"]


def _clamp_by_zero(x: Tensor) -> Tensor:
    """max(x, 0), with gradient 1/2 at 0."""
    return (x.clamp(min=0) + x - x.clamp(max=0)) / 2


class Binomial(ProbsOrLogits):
    """The number of successes in `total_count` trials of probability `probs`.

    Args:
        total_count: the number of trials.
        probs: the probability of success, or
        logits: log(probs / (1 - probs)).

    Shapes: all parameters broadcast to batch_shape; events are numbers.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.Binomial(10, torch.tensor([0.2, 0.5]))
    >>> d.mean, d.log_prob(torch.tensor([2., 5.]))
    (tensor([2., 5.]), tensor([-1.1974, -1.4020]))
    """

    arg_constraints = {"total_count": constraints.nonnegative_integer,
                       "probs": constraints.unit_interval, "logits": constraints.real}  # fmt: skip
    has_enumerate_support = True
    _expands = {"total_count": 0, "probs": 0, "logits": 0}
    _keeps = ("_by_logits",)

    def __init__(self, total_count: Any = 1, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        require_one(probs, logits)
        self._by_logits = probs is None
        if self._by_logits:
            total, self.logits = broadcast_all(total_count, logits)
        else:
            total, self.probs = broadcast_all(total_count, probs)
        self.total_count = total.type_as(self._param)
        super().__init__(self._param.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """The whole numbers up to total_count."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        """n p."""
        return self.total_count * self.probs

    @property
    def mode(self) -> Tensor:
        """floor((n + 1) p), at most n."""
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Tensor:
        """n p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts, as floats."""
        shape = self._extended_shape(sample_shape)
        with torch.no_grad():
            return torch.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """log of n over k, and k logit p + n log(1 - p)."""
        if self._validate_args:
            self._validate_sample(value)
        n, logits = self.total_count, self.logits
        rest = n * _clamp_by_zero(logits) + n * torch.log1p(torch.exp(-torch.abs(logits)))
        choices = torch.lgamma(value + 1), torch.lgamma(n - value + 1)
        return value * logits - choices[0] - choices[1] - (rest - torch.lgamma(n + 1))

    def _one_count(self, where: str) -> int:
        """total_count as an int, if it is the same everywhere."""
        count = int(self.total_count.max())
        if not bool(self.total_count.min() == count):
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{where}`.")
        return count

    def entropy(self) -> Tensor:
        """The sum over all counts."""
        self._one_count("entropy")
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(torch.exp(log_prob) * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 to total_count, which must be the same everywhere."""
        return self._counted(1 + self._one_count("enumerate_support"), expand)
