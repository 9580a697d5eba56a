"""Multinomial: how often each category came."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.binomial import Binomial
from chainrule.distributions.categorical import Categorical
from chainrule.distributions.parameters import OnCategorical
from chainrule.distributions.utils import broadcast_all
from chainrule.dtypes import Size
from chainrule.tensor import Tensor

__all__ = ["Multinomial"]


class Multinomial(OnCategorical):
    """How often each of k categories came up in `total_count` draws.

    Args:
        total_count: an int.
        probs: weights along the last dimension, or
        logits: their logarithms.

    Shapes: (*batch_shape, k); an event is a vector of k counts.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.Multinomial(4, torch.tensor([1., 1.]))
    >>> d.mean, d.log_prob(torch.tensor([2., 2.]))
    (tensor([2., 2.]), tensor(-0.9808))
    """

    _expands = {"_categorical": 0, "_binomial": 1}
    _keeps = ("total_count",)

    def __init__(self, total_count: int = 1, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        self._binomial = Binomial(total_count=total_count, probs=self.probs)
        event_shape = self._categorical.param_shape[-1:]
        super().__init__(self._categorical.batch_shape, event_shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        """Counts that sum to total_count at most."""
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Tensor:
        """n p."""
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        """n p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts, as floats."""
        sample_shape = Size(sample_shape)
        drawn = self._categorical.sample(Size((self.total_count,)) + sample_shape).movedim(0, -1)
        counts = torch.zeros(self._extended_shape(sample_shape), dtype=drawn.dtype)
        counts.scatter_add_(-1, drawn, torch.ones_like(drawn))
        return counts.type_as(self.probs)

    def entropy(self) -> Tensor:
        """n times the categorical's, less log n!, plus the means of log k!."""
        n = torch.tensor(self.total_count)
        draws = n * self._categorical.entropy() - torch.lgamma(n + 1)
        counts = self._binomial.enumerate_support(expand=False)[1:]
        chances = torch.exp(self._binomial.log_prob(counts))
        return draws + (chances * torch.lgamma(counts + 1)).sum([0, -1])

    def log_prob(self, value: Tensor) -> Tensor:
        """log n! - sum log k! + sum k log p."""
        if self._validate_args:
            self._validate_sample(value)
        logits, value = broadcast_all(self.logits, value)
        logits = logits.masked_fill((value == 0) & (logits == -torch.inf), 0)
        orders = torch.lgamma(value.sum(-1) + 1) - torch.lgamma(value + 1).sum(-1)
        return orders + (logits * value).sum(-1)
