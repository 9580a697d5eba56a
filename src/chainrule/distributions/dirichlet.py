"""Dirichlet: numbers that sum to 1."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.errors import ArgumentError
from chainrule.nn.functional import one_hot
from chainrule.tensor import Tensor

__all__ = ["Dirichlet"]


class Dirichlet(ExponentialFamily):
    """k numbers that sum to 1, with density proportional to prod x**(concentration - 1).

    Args:
        concentration: positive, along the last dimension.

    Shapes: (*batch_shape, k); an event is a vector of k.
    Gradient: `rsample` is differentiable, pathwise.

    >>> import chainrule as torch
    >>> d = torch.distributions.Dirichlet(torch.tensor([1., 2., 1.]))
    >>> d.mean, d.sample().sum()
    (tensor([0.2500, 0.5000, 0.2500]), tensor(1...))
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True
    _expands = {"concentration": 1}

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ArgumentError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        shape = concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Gamma samples divided by their sum."""
        shape = self._extended_shape(sample_shape)
        return torch._sample_dirichlet(self.concentration.expand(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """sum (a - 1) log x + log gamma(sum a) - sum log gamma(a)."""
        if self._validate_args:
            self._validate_sample(value)
        a = self.concentration
        weights = torch.xlogy(a - 1.0, value).sum(-1)
        return weights + torch.lgamma(a.sum(-1)) - torch.lgamma(a).sum(-1)

    @property
    def mean(self) -> Tensor:
        """a / sum a."""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Tensor:
        """(a - 1) / sum (a - 1); a corner where all concentrations are below 1."""
        above = (self.concentration - 1).clamp(min=0.0)
        mode = above / above.sum(-1, True)
        corner = one_hot(mode.argmax(dim=-1), above.shape[-1]).to(mode)
        return torch.where((self.concentration < 1).all(dim=-1, keepdim=True), corner, mode)

    @property
    def variance(self) -> Tensor:
        """a (sum a - a) / ((sum a)**2 (sum a + 1))."""
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def entropy(self) -> Tensor:
        """log B(a) - (k - sum a) digamma(sum a) - sum (a - 1) digamma(a)."""
        a, k = self.concentration, self.concentration.size(-1)
        total = a.sum(-1)
        return (
            torch.lgamma(a).sum(-1) - torch.lgamma(total) - (k - total) * torch.digamma(total)
            - ((a - 1.0) * torch.digamma(a)).sum(-1)
        )  # fmt: skip

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return (self.concentration,)

    def _log_normalizer(self, x: Tensor) -> Tensor:
        return x.lgamma().sum(-1) - torch.lgamma(x.sum(-1))
