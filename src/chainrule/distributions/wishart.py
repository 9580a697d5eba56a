"""Wishart: random covariance matrices."""

from __future__ import annotations

import math
import warnings
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.chi2 import Chi2
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.distributions.multivariate_normal import MATRICES, _precision_to_scale_tril
from chainrule.distributions.utils import NUMBERS, lazy_property
from chainrule.dtypes import Size
from chainrule.errors import ArgumentError, ShapeError
from chainrule.tensor import Tensor

__all__ = ["Wishart"]

LOG_2 = math.log(2)


def _mvdigamma(x: Tensor, p: int) -> Tensor:
    """The derivative of the multivariate log-gamma function."""
    if not bool(x.gt((p - 1) / 2).all()):
        raise AssertionError("Wrong domain for multivariate digamma function.")
    steps = torch.arange(p, dtype=x.dtype).div(2)
    return torch.digamma(x.unsqueeze(-1) - steps).sum(-1)


class Wishart(ExponentialFamily):
    """The sum of x x' over `df` normal vectors x with a covariance.

    Args:
        df: degrees of freedom, above n - 1.
        covariance_matrix: of the vectors, (*, n, n), or
        precision_matrix: its inverse, or
        scale_tril: its Cholesky factor.

    Shapes: batch dimensions broadcast; events are (n, n).
    Gradient: `rsample` is differentiable in all parameters.
    Source: W. Smith, R. Hocking, Wishart variate generator, 1972; the factor's diagonal is
    chi distributed, what stands below it normal (Bartlett's decomposition).

    >>> import chainrule as torch
    >>> d = torch.distributions.Wishart(torch.tensor(3.), torch.eye(2))
    >>> d.mean
    tensor([[3., 0.],
            [0., 3.]])
    """

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0
    _expands = {"df": 0, "_unbroadcasted_scale_tril": 2, "covariance_matrix": 2,
                "precision_matrix": 2, "scale_tril": 2, "_dist_chi2": 1}  # fmt: skip

    @property
    def arg_constraints(self) -> Any:
        """df is above n - 1; the matrix positive definite."""
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def __init__(self, df: Any, covariance_matrix: Any = None, precision_matrix: Any = None,
                 scale_tril: Any = None, validate_args: bool | None = None) -> None:  # fmt: skip
        matrices = zip(MATRICES, (covariance_matrix, precision_matrix, scale_tril), strict=True)
        given = [(name, value) for name, value in matrices if value is not None]
        if len(given) != 1:
            raise AssertionError("Exactly one of covariance_matrix or precision_matrix or "
                                 "scale_tril may be specified.")  # fmt: skip
        ((name, matrix),) = given
        if matrix.dim() < 2:
            raise ShapeError("scale_tril must be at least two-dimensional, with optional leading "
                             "batch dimensions")  # fmt: skip
        if isinstance(df, NUMBERS):
            batch_shape = matrix.shape[:-2]
            self.df = torch.tensor(df, dtype=matrix.dtype)
        else:
            batch_shape = Size(torch.broadcast_shapes(matrix.shape[:-2], df.shape))
            self.df = df.expand(batch_shape)
        n = matrix.shape[-1]
        if bool(self.df.le(n - 1).any()):
            raise ArgumentError(f"Value of df={df} expected to be greater than ndim - 1 = {n - 1}.")
        setattr(self, name, matrix.expand(batch_shape + (-1, -1)))
        if bool(self.df.lt(n).any()):
            warnings.warn("Low df values detected. Singular samples are highly likely to occur for "
                          "ndim - 1 < df < ndim.", stacklevel=2)  # fmt: skip
        super().__init__(batch_shape, matrix.shape[-2:], validate_args=validate_args)
        if scale_tril is not None:
            self._unbroadcasted_scale_tril = scale_tril
        elif covariance_matrix is not None:
            self._unbroadcasted_scale_tril = torch.linalg.cholesky(covariance_matrix)
        else:
            self._unbroadcasted_scale_tril = _precision_to_scale_tril(precision_matrix)
        steps = torch.arange(n, dtype=matrix.dtype).expand(batch_shape + (-1,))
        self._dist_chi2 = Chi2(self.df.unsqueeze(-1) - steps)

    @lazy_property
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the covariance."""
        return self._unbroadcasted_scale_tril.expand(self._batch_shape + self._event_shape)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        """The covariance of the vectors."""
        factor = self._unbroadcasted_scale_tril
        return (factor @ factor.transpose(-2, -1)).expand(self._batch_shape + self._event_shape)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance."""
        factor = self._unbroadcasted_scale_tril
        identity = torch.eye(self._event_shape[-1], dtype=factor.dtype)
        inverse = torch.cholesky_solve(identity, factor)
        return inverse.expand(self._batch_shape + self._event_shape)

    def _scaled(self, factor: Tensor, matrix: Tensor) -> Tensor:
        return factor.expand(self._batch_shape).reshape(self._batch_shape + (1, 1)) * matrix

    @property
    def mean(self) -> Tensor:
        """df times the covariance."""
        return self._scaled(self.df, self.covariance_matrix)

    @property
    def mode(self) -> Tensor:
        """(df - n - 1) times the covariance, nan where that is not positive."""
        factor = self.df - self._event_shape[-1] - 1
        return self._scaled(factor.masked_fill(factor <= 0, torch.nan), self.covariance_matrix)

    @property
    def variance(self) -> Tensor:
        """df (V[i, j]**2 + V[i, i] V[j, j])."""
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        return self._scaled(self.df, v.pow(2) + diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2))

    def _bartlett_sampling(self, sample_shape: Any = ()) -> Tensor:
        """L A A' L' with a random lower triangular A."""
        p = self._event_shape[-1]
        lengths = self._dist_chi2.rsample(sample_shape).sqrt()
        noise = lengths.clamp(min=torch.finfo(lengths.dtype).eps).diag_embed(dim1=-2, dim2=-1)
        rows, columns = torch.tril_indices(p, p, offset=-1)
        shape = Size(sample_shape) + self._batch_shape + (p * (p - 1) // 2,)
        noise[..., rows, columns] = torch.randn(shape, dtype=noise.dtype)
        factor = self._unbroadcasted_scale_tril @ noise
        return factor @ factor.transpose(-2, -1)

    def rsample(self, sample_shape: Any = (), max_try_correction: int | None = None) -> Tensor:
        """Positive definite matrices.

        torch takes its test for singular samples the wrong way round: it draws those again that
        are in order.  So does this, to give the same numbers.
        """
        sample = self._bartlett_sampling(sample_shape)
        again = self.support.check(sample)
        batch_dims = [-(i + 1) for i in range(len(self._batch_shape))]
        if batch_dims:
            again = again.amax(batch_dims)
        for _ in range(10 if max_try_correction is None else max_try_correction):
            count = int(again.sum())
            if not count:
                break
            fresh = self._bartlett_sampling((count,))
            sample[again] = fresh
            singular = ~self.support.check(fresh)
            if batch_dims:
                singular = singular.amax(batch_dims)
            again[again.clone()] = singular
        return sample

    def _half_log_det(self) -> Tensor:
        return self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """(df - n - 1) / 2 log det x - trace(V^-1 x) / 2, normalised."""
        if self._validate_args:
            self._validate_sample(value)
        nu, p = self.df, self._event_shape[-1]
        trace = torch.cholesky_solve(value, self._unbroadcasted_scale_tril)
        trace = trace.diagonal(dim1=-2, dim2=-1).sum(dim=-1)
        normalizer = nu * (p * LOG_2 / 2 + self._half_log_det()) + torch.mvlgamma(nu / 2, p=p)
        log_det = torch.linalg.slogdet(value).logabsdet
        return -normalizer + (nu - p - 1) / 2 * log_det - trace / 2

    def entropy(self) -> Tensor:
        """The normaliser, less (df - n - 1) / 2 times the mean of log det, plus df n / 2."""
        nu, p = self.df, self._event_shape[-1]
        spread = (p + 1) * (p * LOG_2 / 2 + self._half_log_det())
        gamma = torch.mvlgamma(nu / 2, p=p)
        return spread + gamma - (nu - p - 1) / 2 * _mvdigamma(nu / 2, p=p) + nu * p / 2

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, x: Tensor, y: Tensor) -> Tensor:
        p = self._event_shape[-1]
        log_det = -torch.linalg.slogdet(-2 * x).logabsdet + LOG_2 * p
        half = y + (p + 1) / 2
        return half * log_det + torch.mvlgamma(half, p=p)
