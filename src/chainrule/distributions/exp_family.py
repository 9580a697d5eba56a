"""Exponential families: entropy from the log-normaliser by differentiating it."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions.distribution import Distribution
from chainrule.tensor import Tensor

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    """A density exp(<t(x), theta> - F(theta) + k(x)): subclasses give theta, F and the mean of k.

    `entropy` and the divergence of two members follow from F and its gradient alone.

    >>> import chainrule as torch
    >>> p = torch.distributions.Poisson(torch.tensor(2.))
    >>> isinstance(p, torch.distributions.ExponentialFamily)
    True
    """

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        """theta, one tensor or more."""
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Tensor) -> Tensor:
        """F(theta)."""
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> float:
        """The mean of k(x)."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """F(theta) - <theta, grad F(theta)> - mean of k."""
        constant = -self._mean_carrier_measure
        theta = [p.detach().requires_grad_() for p in self._natural_params]
        normalizer = self._log_normalizer(*theta)
        slopes = torch.autograd.grad(normalizer.sum(), theta, create_graph=True)
        result = constant + normalizer
        for parameter, slope in zip(theta, slopes, strict=True):
            result = result - (parameter * slope).reshape(self._batch_shape + (-1,)).sum(-1)
        return result
