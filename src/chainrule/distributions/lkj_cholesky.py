"""LKJ: random correlation matrices."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.beta import Beta
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import broadcast_all
from chainrule.dtypes import Size
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """Cholesky factors of correlation matrices C with density proportional to
    det(C)**(concentration - 1): 1 is uniform, larger values prefer little correlation.

    Args:
        dim: the size of the matrices, at least 2.
        concentration: positive.

    Shapes: batch_shape is that of concentration; events are (dim, dim).
    Gradient: through `log_prob`; samples have none.
    Source: D. Lewandowski, D. Kurowicka, H. Joe, Generating random correlation matrices based on
    vines and extended onion method, 2009.

    >>> import chainrule as torch
    >>> d = torch.distributions.LKJCholesky(3, 0.5)
    >>> L = d.sample()
    >>> torch.allclose((L @ L.T).diagonal(), torch.ones(3))
    True
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky
    _expands = {"concentration": 0, "_beta": 1}
    _keeps = ("dim",)

    def __init__(self, dim: int, concentration: Any = 1.0,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        if dim < 2:
            raise ArgumentError("Expected dim to be an integer greater than or equal to 2. "
                                f"Found dim={dim}.")  # fmt: skip
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        marginal = self.concentration + 0.5 * (dim - 2)
        row = torch.arange(dim - 1, dtype=self.concentration.dtype)
        row = torch.cat([torch.zeros(1, dtype=row.dtype), row])
        self._beta = Beta(row + 0.5, marginal.unsqueeze(-1) - 0.5 * row)
        super().__init__(self.concentration.shape, Size((dim, dim)), validate_args)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Rows of random direction; the squared length below the diagonal is Beta distributed."""
        length = self._beta.sample(sample_shape).unsqueeze(-1)
        normal = torch.randn(self._extended_shape(sample_shape), dtype=length.dtype).tril(-1)
        direction = normal / normal.norm(dim=-1, keepdim=True)
        direction[..., 0, :].fill_(0.0)
        rows = torch.sqrt(length) * direction
        rest = 1 - torch.sum(rows**2, dim=-1)
        diagonal = torch.clamp(rest, min=torch.finfo(rows.dtype).tiny).sqrt()
        return rows + torch.diag_embed(diagonal)

    def log_prob(self, value: Tensor) -> Tensor:
        """The sum of (2 (concentration - 1) + dim - i) log L[i, i] over i > 1, normalised."""
        if self._validate_args:
            self._validate_sample(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = torch.arange(2, self.dim + 1)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - order
        weights = torch.sum(order * diagonal.log(), dim=-1)
        n = self.dim - 1
        alpha = self.concentration + 0.5 * n
        above = torch.mvlgamma(alpha - 0.5, n)
        return weights - (0.5 * n * math.log(math.pi) + above - torch.lgamma(alpha) * n)
