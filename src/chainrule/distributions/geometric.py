"""Geometric: failures before the first success."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.distributions.utils import broadcast_all
from chainrule.errors import ArgumentError
from chainrule.nn.functional import binary_cross_entropy_with_logits
from chainrule.tensor import Tensor

__all__ = ["Geometric"]


class Geometric(ProbsOrLogits):
    """The number of failures before the first success: probability (1 - p)**k p.

    Args:
        probs: the probability p of success, in (0, 1], or
        logits: log(p / (1 - p)).

    Shapes: batch_shape is that of the parameter; events are numbers.
    Gradient: through `log_prob`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.Geometric(torch.tensor([0.25]))
    >>> d.mean, d.log_prob(torch.tensor([1.]))
    (tensor([3.]), tensor([-1.6740]))
    """

    support = constraints.nonnegative_integer
    _expands = {"probs": 0, "logits": 0}
    _keeps = ("_by_logits",)

    def __init__(self, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        require_one(probs, logits)
        self._by_logits = probs is None
        if self._by_logits:
            (self.logits,) = broadcast_all(logits)
        else:
            (self.probs,) = broadcast_all(probs)
        super().__init__(self._param.shape, validate_args=validate_args)
        if self._validate_args and not self._by_logits:
            value = self.probs
            wrong = value.detach()[~(value > 0)]
            if wrong.numel():
                raise ArgumentError(
                    f"Expected parameter probs ({type(value).__name__} of shape "
                    f"{tuple(value.shape)}) of distribution {self!r} to be positive but found "
                    f"invalid values:\n{wrong}"
                )

    @property
    def mean(self) -> Tensor:
        """1 / p - 1."""
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Tensor:
        """0."""
        return torch.zeros_like(self.probs)

    @property
    def variance(self) -> Tensor:
        """(1 - p) / p**2."""
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts, as floats."""
        shape, dtype = self._extended_shape(sample_shape), self.probs.dtype
        with torch.no_grad():
            u = torch.empty(shape, dtype=dtype).uniform_(torch.finfo(dtype).tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Tensor) -> Tensor:
        """k log(1 - p) + log p."""
        if self._validate_args:
            self._validate_sample(value)
        value, probs = broadcast_all(value, self.probs)
        probs = probs.masked_fill((probs == 1) & (value == 0), 0)
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self) -> Tensor:
        """That of one trial, divided by p."""
        coin = binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
        return coin / self.probs
