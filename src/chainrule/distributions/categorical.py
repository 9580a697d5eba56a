"""Categorical: one of k categories."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.parameters import ProbsOrLogits, require_one
from chainrule.dtypes import Size
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor

__all__ = ["Categorical"]


class Categorical(ProbsOrLogits):
    """The index of one of k categories.

    Args:
        probs: weights along the last dimension; they are divided by their sum.  Or
        logits: their logarithms, up to a constant.

    Shapes: (*batch_shape, k) -> batch_shape; events are int64 numbers.
    Gradient: through `log_prob` and `entropy`; samples have none.

    >>> import chainrule as torch
    >>> d = torch.distributions.Categorical(torch.tensor([1., 1., 2.]))
    >>> d.log_prob(torch.tensor(2)), d.entropy()
    (tensor(-0.6931), tensor(1.0397))
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True
    _binary = False
    _expands = {"probs": 1, "logits": 1}
    _keeps = ("_by_logits", "_num_events")

    def __init__(self, probs: Any = None, logits: Any = None,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        require_one(probs, logits)
        self._by_logits = probs is None
        given = logits if self._by_logits else probs
        if given.dim() < 1:
            name = "logits" if self._by_logits else "probs"
            raise ArgumentError(f"`{name}` parameter must be at least one-dimensional.")
        if self._by_logits:
            self.logits = logits - logits.logsumexp(dim=-1, keepdim=True)
        else:
            self.probs = probs / probs.sum(-1, keepdim=True)
        shape = given.shape
        self._num_events = shape[-1]
        super().__init__(shape[:-1], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """The whole numbers below k."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Tensor:
        """nan: categories have no order."""
        return torch.full(self._extended_shape(), torch.nan, dtype=self.probs.dtype)

    variance = mean

    @property
    def mode(self) -> Tensor:
        """The most probable category."""
        return self.probs.argmax(dim=-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Indices."""
        shape = Size(sample_shape)
        rows = self.probs.detach().reshape(-1, self._num_events)
        drawn = torch.multinomial(rows, shape.numel(), True).T
        return drawn.reshape(self._extended_shape(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logit of the category."""
        if self._validate_args:
            self._validate_sample(value)
        index, logits = value.long().unsqueeze(-1), self.logits
        if index.shape[:-1] != logits.shape[:-1]:
            index, logits = torch.broadcast_tensors(index, logits)
            index = index[..., :1]
        return logits.gather(-1, index).squeeze(-1)

    def entropy(self) -> Tensor:
        """-sum p log p."""
        logits = torch.clamp(self.logits, min=torch.finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 to k - 1."""
        return self._counted(self._num_events, expand, torch.int64)
