"""Divergences between two distributions of one family."""

from __future__ import annotations

from math import inf
from typing import Any

import chainrule as torch
from chainrule.distributions.bernoulli import Bernoulli
from chainrule.distributions.beta import Beta
from chainrule.distributions.binomial import Binomial
from chainrule.distributions.categorical import Categorical
from chainrule.distributions.cauchy import Cauchy
from chainrule.distributions.continuous_bernoulli import ContinuousBernoulli
from chainrule.distributions.dirichlet import Dirichlet
from chainrule.distributions.exp_family import ExponentialFamily
from chainrule.distributions.exponential import Exponential
from chainrule.distributions.gamma import Gamma
from chainrule.distributions.geometric import Geometric
from chainrule.distributions.gumbel import Gumbel
from chainrule.distributions.half_normal import HalfNormal
from chainrule.distributions.independent import Independent
from chainrule.distributions.kl import _batch_trace_XXT, kl_divergence, register_kl
from chainrule.distributions.laplace import Laplace
from chainrule.distributions.lowrank_multivariate_normal import (
    LowRankMultivariateNormal,
    _batch_lowrank_logdet,
    _batch_lowrank_mahalanobis,
)
from chainrule.distributions.multivariate_normal import MultivariateNormal, _batch_mahalanobis
from chainrule.distributions.normal import Normal
from chainrule.distributions.one_hot_categorical import OneHotCategorical
from chainrule.distributions.pareto import Pareto
from chainrule.distributions.poisson import Poisson
from chainrule.distributions.transformed_distribution import TransformedDistribution
from chainrule.distributions.uniform import Uniform
from chainrule.distributions.utils import _sum_rightmost, euler_constant
from chainrule.errors import ShapeError
from chainrule.nn.functional import softplus
from chainrule.tensor import Tensor


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Any, q: Any) -> Tensor:
    one = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    one = one.masked_fill(q.probs == 0, inf).masked_fill(p.probs == 0, 0)
    zero = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    zero = zero.masked_fill(q.probs == 1, inf).masked_fill(p.probs == 1, 0)
    return one + zero


@register_kl(Beta, Beta)
def _beta(p: Any, q: Any) -> Tensor:
    a, b, c, d = p.concentration1, p.concentration0, q.concentration1, q.concentration0
    first, second = a + b, c + d
    norm = c.lgamma() + d.lgamma() + first.lgamma() - (a.lgamma() + b.lgamma() + second.lgamma())
    slopes = (a - c) * torch.digamma(a) + (b - d) * torch.digamma(b)
    return norm + slopes + (second - first) * torch.digamma(first)


@register_kl(Binomial, Binomial)
def _binomial(p: Any, q: Any) -> Tensor:
    n, m = p.total_count, q.total_count
    if bool((n < m).any()):
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not "
                                  "implemented")  # fmt: skip
    each = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return (n * each).masked_fill(n > m, inf)


@register_kl(Categorical, Categorical)
def _categorical(p: Any, q: Any) -> Tensor:
    each = p.probs * (p.logits - q.logits)
    return each.masked_fill(q.probs == 0, inf).masked_fill(p.probs == 0, 0).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _one_hot_categorical(p: Any, q: Any) -> Tensor:
    return _categorical(p._categorical, q._categorical)


@register_kl(Cauchy, Cauchy)
def _cauchy(p: Any, q: Any) -> Tensor:
    sums = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return sums.log() - (4 * p.scale * q.scale).log()


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _continuous_bernoulli(p: Any, q: Any) -> Tensor:
    own = p._cont_bern_log_norm() + torch.log1p(-p.probs)
    other = q._cont_bern_log_norm() + torch.log1p(-q.probs)
    return p.mean * (p.logits - q.logits) + own - other


@register_kl(Dirichlet, Dirichlet)
def _dirichlet(p: Any, q: Any) -> Tensor:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    norm = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return norm + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(Exponential, Exponential)
def _exponential(p: Any, q: Any) -> Tensor:
    ratio = q.rate / p.rate
    return -ratio.log() + ratio - 1


@register_kl(ExponentialFamily, ExponentialFamily)
def _exponential_family(p: Any, q: Any) -> Tensor:
    """The Bregman divergence of the log-normaliser."""
    if type(p) is not type(q):
        raise NotImplementedError("The cross KL-divergence between different exponential families "
                                  "cannot be computed using Bregman divergences")  # fmt: skip
    theta = [t.detach().requires_grad_() for t in p._natural_params]
    own = p._log_normalizer(*theta)
    slopes = torch.autograd.grad(own.sum(), theta, create_graph=True)
    result = q._log_normalizer(*q._natural_params) - own
    for a, b, slope in zip(theta, q._natural_params, slopes, strict=True):
        result = result - _sum_rightmost((b - a) * slope, len(q.event_shape))
    return result


@register_kl(Gamma, Gamma)
def _gamma(p: Any, q: Any) -> Tensor:
    a, b = p.concentration, q.concentration
    norm = b * (p.rate / q.rate).log() + torch.lgamma(b) - torch.lgamma(a)
    return norm + (a - b) * torch.digamma(a) + (q.rate - p.rate) * (a / p.rate)


@register_kl(Geometric, Geometric)
def _geometric(p: Any, q: Any) -> Tensor:
    return -p.entropy() - torch.log1p(-q.probs) / p.probs - q.logits


@register_kl(Gumbel, Gumbel)
def _gumbel(p: Any, q: Any) -> Tensor:
    ratio, far, near = p.scale / q.scale, q.loc / q.scale, p.loc / q.scale
    tail = torch.exp(far + (1 + ratio).lgamma() - near)
    start = -ratio.log() - far + near + ratio * euler_constant
    return start + tail - (1 + euler_constant)


@register_kl(HalfNormal, HalfNormal)
def _half_normal(p: Any, q: Any) -> Tensor:
    return _normal(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _independent(p: Any, q: Any) -> Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return _sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(Laplace, Laplace)
def _laplace(p: Any, q: Any) -> Tensor:
    ratio, far = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + far / q.scale + ratio * torch.exp(-far / p.scale) - 1


@register_kl(Normal, Normal)
def _normal(p: Any, q: Any) -> Tensor:
    ratio = (p.scale / q.scale).pow(2)
    far = ((p.loc - q.loc) / q.scale).pow(2)
    return 0.5 * (ratio + far - 1 - ratio.log())


@register_kl(Pareto, Pareto)
def _pareto(p: Any, q: Any) -> Tensor:
    ratio = q.alpha / p.alpha
    result = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return result.masked_fill(p.scale < q.scale, inf)


@register_kl(Poisson, Poisson)
def _poisson(p: Any, q: Any) -> Tensor:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(TransformedDistribution, TransformedDistribution)
def _transformed(p: Any, q: Any) -> Tensor:
    """A bijection changes no divergence, if it is the same for both."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Uniform, Uniform)
def _uniform(p: Any, q: Any) -> Tensor:
    result = ((q.high - q.low) / (p.high - p.low)).log()
    return result.masked_fill((q.low > p.low) | (q.high < p.high), inf)


# ---- normal vectors: log-determinants, the trace of q^-1 p, the distance of the means -----------


def require_same_event(p: Any, q: Any, kind: str) -> None:
    if p.event_shape != q.event_shape:
        raise ShapeError(f"KL-divergence between two {kind} with different event shapes cannot be "
                         "computed", [("p", p), ("q", q)])  # fmt: skip


def _half_log_det(d: Any) -> Any:
    return d._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def _low_rank_log_det(d: Any) -> Any:
    return _batch_lowrank_logdet(
        d._unbroadcasted_cov_factor, d._unbroadcasted_cov_diag, d._capacitance_tril)  # fmt: skip


def _low_rank_distance(q: Any, x: Any) -> Any:
    return _batch_lowrank_mahalanobis(
        q._unbroadcasted_cov_factor, q._unbroadcasted_cov_diag, x, q._capacitance_tril)  # fmt: skip


def _low_rank_inner(q: Any) -> Any:
    """C^-1 W' D^-1, with which the inverse of q's covariance is D^-1 - A' A."""
    inner = q._unbroadcasted_cov_factor.mT / q._unbroadcasted_cov_diag.unsqueeze(-2)
    return torch.linalg.solve_triangular(q._capacitance_tril, inner, upper=False)


def _solved_trace(q: Any, factor: Any) -> Any:
    solved = torch.linalg.solve_triangular(q._unbroadcasted_scale_tril, factor, upper=False)
    return _batch_trace_XXT(solved)


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p: Any, q: Any) -> Tensor:
    require_same_event(p, q, "Multivariate Normals")
    trace = _solved_trace(q, p._unbroadcasted_scale_tril)
    distance = _batch_mahalanobis(q._unbroadcasted_scale_tril, q.loc - p.loc)
    half = _half_log_det(q) - _half_log_det(p)
    return half + 0.5 * (trace + distance - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _low_rank(p: Any, q: Any) -> Tensor:
    require_same_event(p, q, "Low Rank Multivariate Normals")
    a, factor = _low_rank_inner(q), p._unbroadcasted_cov_factor
    own, other = p._unbroadcasted_cov_diag, q._unbroadcasted_cov_diag
    trace = (
        (own / other).sum(-1) + _batch_trace_XXT(factor * other.rsqrt().unsqueeze(-1))
        - _batch_trace_XXT(a * own.sqrt().unsqueeze(-2)) - _batch_trace_XXT(a.matmul(factor))
    )  # fmt: skip
    log_det = _low_rank_log_det(q) - _low_rank_log_det(p)
    distance = _low_rank_distance(q, q.loc - p.loc)
    return 0.5 * (log_det + trace + distance - p.event_shape[0])


@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _full_low_rank(p: Any, q: Any) -> Tensor:
    require_same_event(p, q, "(Low Rank) Multivariate Normals")
    factor, root = p._unbroadcasted_scale_tril, q._unbroadcasted_cov_diag.rsqrt()
    inner = _batch_trace_XXT(_low_rank_inner(q).matmul(factor))
    trace = _batch_trace_XXT(factor * root.unsqueeze(-1)) - inner
    log_det = _low_rank_log_det(q) - 2 * _half_log_det(p)
    distance = _low_rank_distance(q, q.loc - p.loc)
    return 0.5 * (log_det + trace + distance - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, MultivariateNormal)
def _low_rank_full(p: Any, q: Any) -> Tensor:
    require_same_event(p, q, "(Low Rank) Multivariate Normals")
    diagonal = torch.diag_embed(p._unbroadcasted_cov_diag.sqrt())
    trace = _solved_trace(q, p._unbroadcasted_cov_factor) + _solved_trace(q, diagonal)
    log_det = 2 * _half_log_det(q) - _low_rank_log_det(p)
    distance = _batch_mahalanobis(q._unbroadcasted_scale_tril, q.loc - p.loc)
    return 0.5 * (log_det + trace + distance - p.event_shape[0])
