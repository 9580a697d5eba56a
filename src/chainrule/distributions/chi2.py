"""Chi-squared: the sum of squares of normal numbers."""

from __future__ import annotations

from typing import Any

from chainrule.distributions import constraints
from chainrule.distributions.gamma import Gamma
from chainrule.tensor import Tensor

__all__ = ["Chi2"]


class Chi2(Gamma):
    """The sum of the squares of `df` standard normal numbers: Gamma(df / 2, 1 / 2).

    Args:
        df: degrees of freedom, positive.

    Shapes: batch_shape is that of df; events are numbers.
    Gradient: `rsample` is differentiable in df.

    >>> import chainrule as torch
    >>> d = torch.distributions.Chi2(torch.tensor([1., 4.]))
    >>> d.mean, d.variance
    (tensor([1., 4.]), tensor([2., 8.]))
    """

    arg_constraints = {"df": constraints.positive}
    _expands = Gamma._expands

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    @property
    def df(self) -> Tensor:
        """Degrees of freedom."""
        return self.concentration * 2
