"""Normal vectors whose covariance is low-rank plus diagonal."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.multivariate_normal import _batch_mahalanobis, _batch_mv
from chainrule.distributions.utils import _standard_normal, lazy_property
from chainrule.dtypes import Size
from chainrule.errors import ShapeError
from chainrule.tensor import Tensor

__all__ = ["LowRankMultivariateNormal"]


def _batch_capacitance_tril(factor: Tensor, diagonal: Tensor) -> Tensor:
    """The Cholesky factor of I + W' D^-1 W, which is only rank by rank."""
    inner = torch.matmul(factor.mT / diagonal.unsqueeze(-2), factor)
    return torch.linalg.cholesky(inner + torch.eye(factor.size(-1), dtype=factor.dtype))


def _batch_lowrank_logdet(factor: Tensor, diagonal: Tensor, capacitance_tril: Tensor) -> Tensor:
    """log det(W W' + D), by the matrix determinant lemma."""
    inner = capacitance_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return 2 * inner + diagonal.log().sum(-1)


def _batch_lowrank_mahalanobis(factor: Tensor, diagonal: Tensor, x: Tensor,
                               capacitance_tril: Tensor) -> Tensor:  # fmt: skip
    """x' (W W' + D)^-1 x, by the Woodbury formula."""
    inner = _batch_mv(factor.mT / diagonal.unsqueeze(-2), x)
    return (x.pow(2) / diagonal).sum(-1) - _batch_mahalanobis(capacitance_tril, inner)


class LowRankMultivariateNormal(Distribution):
    """Normal vectors with covariance cov_factor @ cov_factor.T + diag(cov_diag).

    Args:
        loc: the mean, (*, n).
        cov_factor: (*, n, rank).
        cov_diag: positive, (*, n).

    Shapes: batch dimensions broadcast; an event is a vector of n.
    Gradient: `rsample` is differentiable in all parameters.

    >>> import chainrule as torch
    >>> d = torch.distributions.LowRankMultivariateNormal(
    ...     torch.zeros(2), torch.tensor([[1.], [0.]]), torch.ones(2))
    >>> d.covariance_matrix
    tensor([[2., 0.],
            [0., 1.]])
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True
    _expands = {"loc": 1, "cov_diag": 1, "cov_factor": 2}
    _keeps = ("_unbroadcasted_cov_factor", "_unbroadcasted_cov_diag", "_capacitance_tril")

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any,
                 validate_args: bool | None = None) -> None:  # fmt: skip
        if loc.dim() < 1:
            raise ShapeError("loc must be at least one-dimensional.")
        event_shape = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ShapeError("cov_factor must be at least two-dimensional, with optional leading "
                             "batch dimensions")  # fmt: skip
        if cov_factor.shape[-2:-1] != event_shape:
            raise ShapeError("cov_factor must be a batch of matrices with shape "
                             f"{event_shape[0]} x m")  # fmt: skip
        if cov_diag.shape[-1:] != event_shape:
            raise ShapeError(f"cov_diag must be a batch of vectors with shape {event_shape}")
        try:
            batch = torch.broadcast_shapes(
                loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])  # fmt: skip
        except RuntimeError as error:
            raise ShapeError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, "
                f"cov_diag {cov_diag.shape}"
            ) from error
        self.loc = loc.expand(batch + event_shape)
        self.cov_diag = cov_diag.expand(batch + event_shape)
        self.cov_factor = cov_factor.expand(batch + cov_factor.shape[-2:])
        self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag = cov_factor, cov_diag
        self._capacitance_tril = _batch_capacitance_tril(cov_factor, cov_diag)
        super().__init__(Size(batch), event_shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """loc."""
        return self.loc

    mode = mean

    @property
    def _matrix_shape(self) -> Any:
        return self._batch_shape + self._event_shape + self._event_shape

    @lazy_property
    def variance(self) -> Tensor:
        """The diagonal of the covariance."""
        low_rank = self._unbroadcasted_cov_factor.pow(2).sum(-1)
        return (low_rank + self._unbroadcasted_cov_diag).expand(self._extended_shape())

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the covariance."""
        root = self._unbroadcasted_cov_diag.sqrt().unsqueeze(-1)
        scaled = self._unbroadcasted_cov_factor / root
        inner = torch.matmul(scaled, scaled.mT)
        inner = inner + torch.eye(inner.shape[-1], dtype=inner.dtype)
        return (root * torch.linalg.cholesky(inner)).expand(self._matrix_shape)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """cov_factor @ cov_factor.T + diag(cov_diag)."""
        factor = self._unbroadcasted_cov_factor
        full = torch.matmul(factor, factor.mT) + torch.diag_embed(self._unbroadcasted_cov_diag)
        return full.expand(self._matrix_shape)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance."""
        diagonal = self._unbroadcasted_cov_diag
        inner = self._unbroadcasted_cov_factor.mT / diagonal.unsqueeze(-2)
        a = torch.linalg.solve_triangular(self._capacitance_tril, inner, upper=False)
        return (torch.diag_embed(diagonal.reciprocal()) - a.mT @ a).expand(self._matrix_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + W e + sqrt(D) d of standard normal numbers e and d."""
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        along = _standard_normal(shape[:-1] + self.cov_factor.shape[-1:], dtype)
        own = _standard_normal(shape, dtype)
        spread = _batch_mv(self._unbroadcasted_cov_factor, along)
        return self.loc + spread + self._unbroadcasted_cov_diag.sqrt() * own

    def _log_det(self) -> Tensor:
        return _batch_lowrank_logdet(
            self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag, self._capacitance_tril
        )

    def log_prob(self, value: Tensor) -> Tensor:
        """-(n log 2 pi + log det + Mahalanobis distance) / 2."""
        if self._validate_args:
            self._validate_sample(value)
        distance = _batch_lowrank_mahalanobis(
            self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag, value - self.loc,
            self._capacitance_tril,
        )  # fmt: skip
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + self._log_det() + distance)

    def entropy(self) -> Tensor:
        """(n (1 + log 2 pi) + log det) / 2."""
        h = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self._log_det())
        return h.expand(self._batch_shape) if self._batch_shape else h
