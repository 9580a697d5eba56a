"""The absolute value of a Cauchy number around 0."""

from __future__ import annotations

import chainrule as torch
from chainrule.distributions.cauchy import Cauchy
from chainrule.distributions.half import Half
from chainrule.tensor import Tensor

__all__ = ["HalfCauchy"]


class HalfCauchy(Half):
    """|x| of a Cauchy number x around 0.

    Args:
        scale: that of the Cauchy number, positive.

    Shapes: batch_shape is that of scale; events are numbers.
    Gradient: `rsample` is differentiable in scale.

    >>> import chainrule as torch
    >>> d = torch.distributions.HalfCauchy(torch.tensor([1.]))
    >>> d.log_prob(torch.tensor([0.]))
    tensor([-0.4516])
    """

    whole = Cauchy

    @property
    def mean(self) -> Tensor:
        """Infinite."""
        return torch.full(self._extended_shape(), torch.inf, dtype=self.scale.dtype)

    @property
    def variance(self) -> Tensor:
        """Infinite."""
        return self.base_dist.variance

    def log_prob(self, value: Tensor) -> Tensor:
        """log 2 more than the base's."""
        return super().log_prob(torch.as_tensor(value, dtype=self.scale.dtype))
