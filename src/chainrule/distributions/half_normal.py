"""The absolute value of a Normal number around 0."""

from __future__ import annotations

import math

from chainrule.distributions.half import Half
from chainrule.distributions.normal import Normal
from chainrule.tensor import Tensor

__all__ = ["HalfNormal"]


class HalfNormal(Half):
    """|x| of a Normal number x around 0.

    Args:
        scale: that of the Normal number, positive.

    Shapes: batch_shape is that of scale; events are numbers.
    Gradient: `rsample` is differentiable in scale.

    >>> import chainrule as torch
    >>> d = torch.distributions.HalfNormal(torch.tensor([1.]))
    >>> d.log_prob(torch.tensor([0.]))
    tensor([-0.2258])
    """

    whole = Normal

    @property
    def mean(self) -> Tensor:
        """scale sqrt(2 / pi)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Tensor:
        """scale**2 (1 - 2 / pi)."""
        return self.scale.pow(2) * (1 - 2 / math.pi)
