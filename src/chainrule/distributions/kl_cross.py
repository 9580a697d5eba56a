"""Divergences between distributions of different families, each the entropy and a few moments."""

from __future__ import annotations

import math
from math import inf
from typing import Any

import chainrule as torch
from chainrule.distributions.bernoulli import Bernoulli
from chainrule.distributions.beta import Beta
from chainrule.distributions.binomial import Binomial
from chainrule.distributions.continuous_bernoulli import ContinuousBernoulli
from chainrule.distributions.exponential import Exponential
from chainrule.distributions.gamma import Gamma
from chainrule.distributions.gumbel import Gumbel
from chainrule.distributions.kl import _infinite_like, _x_log_x, register_kl
from chainrule.distributions.laplace import Laplace
from chainrule.distributions.normal import Normal
from chainrule.distributions.pareto import Pareto
from chainrule.distributions.poisson import Poisson
from chainrule.distributions.uniform import Uniform
from chainrule.distributions.utils import euler_constant
from chainrule.tensor import Tensor

# Where p reaches beyond the support of q, by the parameter of p that gives the shape.
BOUNDED = (Beta, ContinuousBernoulli, Pareto, Uniform)
POSITIVE = (Exponential, Gamma)
INFINITE: dict[tuple[type, str], tuple[type, ...]] = {
    (Beta, "concentration1"): (Pareto,),
    (ContinuousBernoulli, "probs"): (Pareto,),
    (Exponential, "rate"): BOUNDED,
    (Gamma, "concentration"): BOUNDED,
    (Gumbel, "loc"): BOUNDED + POSITIVE,
    (Laplace, "loc"): BOUNDED + POSITIVE,
    (Normal, "loc"): BOUNDED + POSITIVE,
    (Pareto, "scale"): (Beta, ContinuousBernoulli, Uniform),
    (Poisson, "rate"): (Bernoulli, Binomial),
}


def _register_infinite() -> None:
    for (p_type, name), others in INFINITE.items():

        def infinite(p: Any, q: Any, name: str = name) -> Tensor:
            return _infinite_like(getattr(p, name))

        for q_type in others:
            register_kl(p_type, q_type)(infinite)


_register_infinite()


def _log_gamma_norm(q: Any) -> Any:
    """The logarithm of the gamma density's constant, negated."""
    return q.concentration.lgamma() - q.concentration * q.rate.log()


# ---- p = Bernoulli, Beta, ContinuousBernoulli ------------------------------------------------


@register_kl(Bernoulli, Poisson)
def _bernoulli_poisson(p: Any, q: Any) -> Any:
    return -p.entropy() - (p.probs * q.rate.log() - q.rate)


@register_kl(Beta, ContinuousBernoulli)
def _beta_continuous_bernoulli(p: Any, q: Any) -> Any:
    return -p.entropy() - p.mean * q.logits - torch.log1p(-q.probs) - q._cont_bern_log_norm()


@register_kl(Beta, Exponential)
def _beta_exponential(p: Any, q: Any) -> Any:
    return -p.entropy() - q.rate.log() + q.rate * p.mean


@register_kl(Beta, Gamma)
def _beta_gamma(p: Any, q: Any) -> Any:
    a = p.concentration1
    mean_log = a.digamma() - (a + p.concentration0).digamma()
    moments = (q.concentration - 1) * mean_log
    return -p.entropy() + _log_gamma_norm(q) - moments + q.rate * p.mean


@register_kl(Beta, Normal)
def _beta_normal(p: Any, q: Any) -> Any:
    mean, total = p.mean, p.concentration1 + p.concentration0
    square = mean * (1 - mean) / (total + 1) + mean.pow(2)
    variance = q.scale.pow(2)
    moments = (square * 0.5 - q.loc * mean + q.loc.pow(2) * 0.5) / variance
    return -p.entropy() + 0.5 * (variance * 2 * math.pi).log() + moments


@register_kl(Beta, Uniform)
def _beta_uniform(p: Any, q: Any) -> Any:
    result = -p.entropy() + (q.high - q.low).log()
    return result.masked_fill((q.low > 0) | (q.high < 1), inf)


@register_kl(ContinuousBernoulli, Exponential)
def _continuous_bernoulli_exponential(p: Any, q: Any) -> Any:
    return -p.entropy() - torch.log(q.rate) + q.rate * p.mean


@register_kl(ContinuousBernoulli, Normal)
def _continuous_bernoulli_normal(p: Any, q: Any) -> Any:
    norm = 0.5 * (math.log(2.0 * math.pi) + torch.square(q.loc / q.scale)) + torch.log(q.scale)
    moments = p.variance + torch.square(p.mean) - 2.0 * q.loc * p.mean
    return -p.entropy() + norm + moments / (2.0 * torch.square(q.scale))


@register_kl(ContinuousBernoulli, Uniform)
def _continuous_bernoulli_uniform(p: Any, q: Any) -> Any:
    result = -p.entropy() + (q.high - q.low).log()
    return result.masked_fill((q.low >= 0) | (q.high <= 1), inf)


# ---- p = Exponential, Gamma ------------------------------------------------------------------


@register_kl(Exponential, Gamma)
def _exponential_gamma(p: Any, q: Any) -> Any:
    ratio, a = q.rate / p.rate, q.concentration
    norm = -a * torch.log(ratio) + ratio + a.lgamma()
    return norm + a * euler_constant - (1 + euler_constant)


@register_kl(Exponential, Gumbel)
def _exponential_gumbel(p: Any, q: Any) -> Any:
    product, shift = p.rate * q.scale, q.loc / q.scale
    tail = torch.exp(shift) * product / (product + 1)
    return product.log() - 1 - shift + tail + product.reciprocal()


@register_kl(Exponential, Normal)
def _exponential_normal(p: Any, q: Any) -> Any:
    variance, square = q.scale.pow(2), p.rate.pow(2)
    moments = square.reciprocal() - q.loc / p.rate + q.loc.pow(2) * 0.5
    return 0.5 * torch.log(square * variance * 2 * math.pi) - 1 + moments / variance


@register_kl(Gamma, Exponential)
def _gamma_exponential(p: Any, q: Any) -> Any:
    return -p.entropy() - q.rate.log() + q.rate * p.concentration / p.rate


@register_kl(Gamma, Gumbel)
def _gamma_gumbel(p: Any, q: Any) -> Any:
    product, shift, a = p.rate * q.scale, q.loc / q.scale, p.concentration
    own = (a - 1) * a.digamma() - a.lgamma() - a
    tail = torch.exp(shift) * (1 + product.reciprocal()).pow(-a) - shift
    return own + product.log() + a / product + tail


@register_kl(Gamma, Normal)
def _gamma_normal(p: Any, q: Any) -> Any:
    variance, square, a = q.scale.pow(2), p.rate.pow(2), p.concentration
    norm = 0.5 * torch.log(square * variance * 2 * math.pi) - a - a.lgamma()
    moments = 0.5 * (a.pow(2) + a) / square - q.loc * a / p.rate + 0.5 * q.loc.pow(2)
    return norm + (a - 1) * a.digamma() + moments / variance


# ---- p = Gumbel, Laplace, Normal -------------------------------------------------------------


@register_kl(Gumbel, Normal)
def _gumbel_normal(p: Any, q: Any) -> Any:
    ratio = p.scale / q.scale
    norm = (ratio / math.sqrt(2 * math.pi)).log()
    spread = (math.pi * ratio * 0.5).pow(2) / 3
    distance = ((p.loc + p.scale * euler_constant - q.loc) / q.scale).pow(2) * 0.5
    return -norm + spread + distance - (euler_constant + 1)


@register_kl(Laplace, Normal)
def _laplace_normal(p: Any, q: Any) -> Any:
    variance = q.scale.pow(2)
    ratio = p.scale.pow(2) / variance
    moments = 0.5 * p.loc.pow(2) - p.loc * q.loc + 0.5 * q.loc.pow(2)
    return -0.5 * torch.log(2 * ratio / math.pi) + ratio + moments / variance - 1


@register_kl(Normal, Gumbel)
def _normal_gumbel(p: Any, q: Any) -> Any:
    near, far, ratio = p.loc / q.scale, q.loc / q.scale, (p.scale / q.scale).pow(2)
    tail = torch.exp(-near + 0.5 * ratio + far)
    return -ratio.log() * 0.5 + near - far + tail - 0.5 * (1 + math.log(2 * math.pi))


@register_kl(Normal, Laplace)
def _normal_laplace(p: Any, q: Any) -> Any:
    far = p.loc - q.loc
    z = far / p.scale
    spread = math.sqrt(2 / math.pi) * p.scale * torch.exp(-0.5 * z.pow(2))
    moments = spread + far * torch.erf(math.sqrt(0.5) * z)
    norm = torch.log(p.scale / q.scale)
    return -norm + moments / q.scale - 0.5 * (1 + math.log(0.5 * math.pi))


# ---- p = Pareto ------------------------------------------------------------------------------


@register_kl(Pareto, Exponential)
def _pareto_exponential(p: Any, q: Any) -> Any:
    product = p.scale * q.rate
    norm = (p.alpha / product).log() - p.alpha.reciprocal()
    result = norm + p.alpha * product / (p.alpha - 1) - 1
    return result.masked_fill(p.alpha <= 1, inf)


@register_kl(Pareto, Gamma)
def _pareto_gamma(p: Any, q: Any) -> Any:
    mean_log = p.scale.log() + p.alpha.reciprocal()
    moments = (1 - q.concentration) * mean_log + q.rate * p.alpha * p.scale / (p.alpha - 1)
    result = p.alpha.log() - mean_log + _log_gamma_norm(q) + moments - 1
    return result.masked_fill(p.alpha <= 1, inf)


@register_kl(Pareto, Normal)
def _pareto_normal(p: Any, q: Any) -> Any:
    part = p.scale / (p.alpha - 1)
    norm = (math.sqrt(2 * math.pi) * q.scale * p.alpha / p.scale).log() - p.alpha.reciprocal()
    moments = p.alpha * part.pow(2) / (p.alpha - 2) + (p.alpha * part - q.loc).pow(2)
    result = norm + moments / (2 * q.scale.pow(2)) - 1
    return result.masked_fill(p.alpha <= 2, inf)


# ---- p = Uniform -----------------------------------------------------------------------------


def _mean_log(p: Any) -> Any:
    """The mean of log x for x uniform from p.low to p.high."""
    width = p.high - p.low
    return (_x_log_x(p.high) - _x_log_x(p.low) - width) / width


@register_kl(Uniform, Beta)
def _uniform_beta(p: Any, q: Any) -> Any:
    a, b, width = q.concentration1, q.concentration0, p.high - p.low
    mean_log_rest = (_x_log_x(1 - p.high) - _x_log_x(1 - p.low) + width) / width
    norm = a.lgamma() + b.lgamma() - (a + b).lgamma()
    result = (b - 1) * mean_log_rest + norm - torch.log(width) - (a - 1) * _mean_log(p)
    return result.masked_fill((p.high > 1) | (p.low < 0), inf)


@register_kl(Uniform, ContinuousBernoulli)
def _uniform_continuous_bernoulli(p: Any, q: Any) -> Any:
    result = -p.entropy() - p.mean * q.logits - torch.log1p(-q.probs) - q._cont_bern_log_norm()
    return result.masked_fill((p.high >= 1) | (p.low <= 0), inf)


@register_kl(Uniform, Exponential)
def _uniform_exponential(p: Any, q: Any) -> Any:
    result = q.rate * (p.high + p.low) / 2 - ((p.high - p.low) * q.rate).log()
    return result.masked_fill(p.low < 0, inf)


@register_kl(Uniform, Gamma)
def _uniform_gamma(p: Any, q: Any) -> Any:
    moments = (1 - q.concentration) * _mean_log(p) + q.rate * (p.high + p.low) / 2
    result = -(p.high - p.low).log() + _log_gamma_norm(q) + moments
    return result.masked_fill(p.low < 0, inf)


@register_kl(Uniform, Gumbel)
def _uniform_gumbel(p: Any, q: Any) -> Any:
    ratio = q.scale / (p.high - p.low)
    high, low = (p.high - q.loc) / q.scale, (p.low - q.loc) / q.scale
    tail = ratio * (torch.exp(-high) - torch.exp(-low))
    return ratio.log() + 0.5 * (high + low) - tail


@register_kl(Uniform, Normal)
def _uniform_normal(p: Any, q: Any) -> Any:
    width = p.high - p.low
    norm = (math.sqrt(math.pi * 2) * q.scale / width).log()
    distance = ((p.high + p.low - 2 * q.loc) / 2).pow(2)
    return norm + 0.5 * (width.pow(2) / 12 + distance) / q.scale.pow(2)


@register_kl(Uniform, Pareto)
def _uniform_pareto(p: Any, q: Any) -> Any:
    norm = (q.alpha * q.scale.pow(q.alpha) * (p.high - p.low)).log()
    result = _mean_log(p) * (q.alpha + 1) - norm
    return result.masked_fill(p.low < q.scale, inf)
