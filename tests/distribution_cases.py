"""What tests and the recorder ask of distributions: cases, and one function that asks everything.

A case builds a distribution from a namespace, `chainrule` or torch, and two parameters that
require gradients.  Everything observed is a dict of arrays and strings, compared entry by entry.
"""

from __future__ import annotations

import numpy as np

SEED = 7


def vector(torch, like, n=3):
    return torch.linspace(0.5, 2.5, n, dtype=like.dtype)


def matrix(torch, like):
    return torch.tensor([[1.2, 0.3], [0.3, 0.8]], dtype=like.dtype)


def factor(torch, like):
    return torch.linalg.cholesky(matrix(torch, like))


def warm(torch, like):
    return torch.tensor(0.7, dtype=like.dtype)


# name -> (distribution of (torch, a, b), values of a, values of b).
POSITIVE = ([0.3, 1.5, 9.5], [2.5, 0.7, 1.2])
REAL = ([-1.0, 0.0, 2.5], [0.5, 1.0, 3.0])
COIN = ([0.2, 0.5, 0.9], [0.0, 1.0, -2.0])
WEIGHTS = ([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], [[0.0, 1.0, -1.0], [2.0, 0.5, 0.1]])
CASES = {
    "Bernoulli/probs": (lambda t, a, b: t.distributions.Bernoulli(a), *COIN),
    "Bernoulli/logits": (lambda t, a, b: t.distributions.Bernoulli(logits=b), *COIN),
    "Beta": (lambda t, a, b: t.distributions.Beta(a, b), *POSITIVE),
    "Binomial/probs": (lambda t, a, b: t.distributions.Binomial(6, a), *COIN),
    "Binomial/logits": (lambda t, a, b: t.distributions.Binomial(40, logits=b), *COIN),
    "Categorical/probs": (lambda t, a, b: t.distributions.Categorical(a), *WEIGHTS),
    "Categorical/logits": (lambda t, a, b: t.distributions.Categorical(logits=b), *WEIGHTS),
    "Cauchy": (lambda t, a, b: t.distributions.Cauchy(a, b), *REAL),
    "Chi2": (lambda t, a, b: t.distributions.Chi2(a), *POSITIVE),
    "ContinuousBernoulli/probs":
        (lambda t, a, b: t.distributions.ContinuousBernoulli(a), *COIN),
    "ContinuousBernoulli/logits":
        (lambda t, a, b: t.distributions.ContinuousBernoulli(logits=b), *COIN),
    "Dirichlet": (lambda t, a, b: t.distributions.Dirichlet(a * 5), *WEIGHTS),
    "Exponential": (lambda t, a, b: t.distributions.Exponential(a), *POSITIVE),
    "FisherSnedecor": (lambda t, a, b: t.distributions.FisherSnedecor(a, b * 4), *POSITIVE),
    "Gamma": (lambda t, a, b: t.distributions.Gamma(a, b), *POSITIVE),
    "GeneralizedPareto":
        (lambda t, a, b: t.distributions.GeneralizedPareto(a, b, vector(t, a) - 1.5), *REAL),
    "Geometric/probs": (lambda t, a, b: t.distributions.Geometric(a), *COIN),
    "Geometric/logits": (lambda t, a, b: t.distributions.Geometric(logits=b), *COIN),
    "Gumbel": (lambda t, a, b: t.distributions.Gumbel(a, b), *REAL),
    "HalfCauchy": (lambda t, a, b: t.distributions.HalfCauchy(b), *REAL),
    "HalfNormal": (lambda t, a, b: t.distributions.HalfNormal(b), *REAL),
    "Independent":
        (lambda t, a, b: t.distributions.Independent(t.distributions.Normal(a, b), 1), *REAL),
    "InverseGamma": (lambda t, a, b: t.distributions.InverseGamma(a, b), *POSITIVE),
    "Kumaraswamy": (lambda t, a, b: t.distributions.Kumaraswamy(a, b), *POSITIVE),
    "LKJCholesky": (lambda t, a, b: t.distributions.LKJCholesky(3, a), *POSITIVE),
    "Laplace": (lambda t, a, b: t.distributions.Laplace(a, b), *REAL),
    "LogNormal": (lambda t, a, b: t.distributions.LogNormal(a, b), *REAL),
    "LogisticNormal": (lambda t, a, b: t.distributions.LogisticNormal(a, b), *REAL),
    "LowRankMultivariateNormal": (lambda t, a, b: t.distributions.LowRankMultivariateNormal(
        a, t.ones(3, 2, dtype=a.dtype) * vector(t, a, 2), b), *REAL),
    "MixtureSameFamily": (lambda t, a, b: t.distributions.MixtureSameFamily(
        t.distributions.Categorical(vector(t, a)), t.distributions.Normal(a, b)), *REAL),
    "MixtureSameFamily/vectors": (lambda t, a, b: t.distributions.MixtureSameFamily(
        t.distributions.Categorical(vector(t, a, 2)),
        t.distributions.Independent(t.distributions.Normal(b, 1.0), 1)), *WEIGHTS),
    "Multinomial": (lambda t, a, b: t.distributions.Multinomial(5, a), *WEIGHTS),
    "MultivariateNormal/covariance":
        (lambda t, a, b: t.distributions.MultivariateNormal(a, matrix(t, a) * b[0]),
         [[-1.0, 0.5], [0.0, 2.5]], [0.5, 1.0]),
    "MultivariateNormal/precision":
        (lambda t, a, b: t.distributions.MultivariateNormal(
            a, precision_matrix=matrix(t, a) * b[0]),
         [[-1.0, 0.5], [0.0, 2.5]], [0.5, 1.0]),
    "MultivariateNormal/scale_tril":
        (lambda t, a, b: t.distributions.MultivariateNormal(
            a, scale_tril=factor(t, a) * b.reshape(2, 1, 1)),
         [[-1.0, 0.5], [0.0, 2.5]], [0.5, 1.0]),
    "NegativeBinomial/probs": (lambda t, a, b: t.distributions.NegativeBinomial(3, a), *COIN),
    "NegativeBinomial/logits":
        (lambda t, a, b: t.distributions.NegativeBinomial(2.5, logits=b), *COIN),
    "Normal": (lambda t, a, b: t.distributions.Normal(a, b), *REAL),
    "OneHotCategorical": (lambda t, a, b: t.distributions.OneHotCategorical(a), *WEIGHTS),
    "OneHotCategoricalStraightThrough":
        (lambda t, a, b: t.distributions.OneHotCategoricalStraightThrough(logits=b), *WEIGHTS),
    "Pareto": (lambda t, a, b: t.distributions.Pareto(a, b), *POSITIVE),
    "Poisson": (lambda t, a, b: t.distributions.Poisson(a * 3), *POSITIVE),
    "RelaxedBernoulli": (lambda t, a, b: t.distributions.RelaxedBernoulli(
        warm(t, a), a), *COIN),
    "RelaxedOneHotCategorical": (lambda t, a, b: t.distributions.RelaxedOneHotCategorical(
        warm(t, a), logits=b), *WEIGHTS),
    "StudentT": (lambda t, a, b: t.distributions.StudentT(a, b, 2.0), *POSITIVE),
    "TransformedDistribution/tanh": (lambda t, a, b: t.distributions.TransformedDistribution(
        t.distributions.Normal(a, b), [t.distributions.TanhTransform(cache_size=1)]), *REAL),
    "TransformedDistribution/softplus": (lambda t, a, b: t.distributions.TransformedDistribution(
        t.distributions.Normal(a, b), [t.distributions.AffineTransform(1.0, -2.0),
                                       t.distributions.SoftplusTransform()]), *REAL),
    "TransformedDistribution/vectors": (lambda t, a, b: t.distributions.TransformedDistribution(
        t.distributions.Normal(a, b), t.distributions.CorrCholeskyTransform()), *REAL),
    "Uniform": (lambda t, a, b: t.distributions.Uniform(a, a + b), *REAL),
    "VonMises": (lambda t, a, b: t.distributions.VonMises(a, b), *REAL),
    "Weibull": (lambda t, a, b: t.distributions.Weibull(a, b), *POSITIVE),
    "Wishart": (lambda t, a, b: t.distributions.Wishart(b + 2.0, matrix(t, a) * a.reshape(2, 1, 1)),
                [0.5, 2.0], [1.0, 3.5]),
}  # fmt: skip

PROPERTIES = ("mean", "mode", "variance", "stddev")


ONLY = {"GeneralizedPareto": "float32"}  # torch compares a float32 zero with the concentration


def leaves(torch, name, dtype="float64"):
    _, a, b = CASES[name]
    kind = getattr(torch, dtype)
    return tuple(torch.tensor(v, dtype=kind).requires_grad_() for v in (a, b))


def build(torch, name, dtype="float64", **options):
    a, b = leaves(torch, name, dtype)
    return CASES[name][0](torch, a, b), (a, b)


def array(x):
    return x.detach().numpy().copy()


def gradients(torch, out, parameters):
    """Of a weighted sum of `out`; zeros where a parameter is not concerned."""
    if not out.requires_grad:
        return None
    weights = torch.linspace(-1.0, 2.0, out.numel(), dtype=out.dtype).reshape(out.shape)
    total = (torch.where(torch.isfinite(out), out, torch.zeros_like(out)) * weights).sum()
    found = torch.autograd.grad(total, parameters, allow_unused=True)
    return [np.zeros(p.shape) if g is None else array(g)
            for g, p in zip(found, parameters, strict=True)]  # fmt: skip


def observe(torch, name, dtype="float64"):
    """Everything a case shows, as {what: array or string}."""
    found = {}

    def note(what, compute):
        d, parameters = build(torch, name, dtype)
        torch.manual_seed(SEED)
        try:
            out = compute(d)
        except NotImplementedError:
            found[what] = "NotImplementedError"
            return
        found[what] = array(out)
        try:
            slopes = gradients(torch, out, parameters)
        except RuntimeError:  # igamma has none; torch overwrites a mask that it needs (Wishart)
            return
        for key, g in zip("ab", slopes or (), strict=False):
            found[f"{what} d{key}"] = g

    d, _ = build(torch, name, dtype)
    found["repr"] = repr(d)
    found["shapes"] = f"{tuple(d.batch_shape)} {tuple(d.event_shape)}"
    found["support"] = repr(d.support)
    found["has"] = f"{d.has_rsample} {d.has_enumerate_support}"
    torch.manual_seed(SEED)
    value = d.sample((4,))
    note("sample", lambda d: d.sample((4,)))
    note("sample once", lambda d: d.sample())
    note("next", lambda d: (d.sample((2, 3)), torch.rand(2))[1])
    note("sample many", lambda d: d.sample((20,)))
    if d.has_rsample:
        note("rsample", lambda d: d.rsample((4,)))
    for what in PROPERTIES:
        note(what, lambda d, what=what: getattr(d, what))
    note("entropy", lambda d: d.entropy())
    note("perplexity", lambda d: d.perplexity())
    note("log_prob", lambda d: d.log_prob(value))
    note("cdf", lambda d: d.cdf(value))
    quantiles = torch.tensor([0.1, 0.45, 0.8], dtype=value.dtype)
    if len(d.event_shape) == 0 and tuple(d.batch_shape) in ((), (3,)):
        note("icdf", lambda d: d.icdf(quantiles))
    note("enumerate_support", lambda d: d.enumerate_support())
    note("enumerate_support short", lambda d: d.enumerate_support(expand=False))
    shape = (2, *d.batch_shape)
    note("expanded", lambda d: d.expand(shape).sample((2,)))
    note("expanded log_prob", lambda d: d.expand(shape).log_prob(value[:2]))
    found["expanded repr"] = repr(d.expand(shape))
    return found


# ---- divergences -----------------------------------------------------------------------------

FAMILIES = {
    "Bernoulli": lambda t, x, y: t.distributions.Bernoulli(x / 4),
    "Beta": lambda t, x, y: t.distributions.Beta(x, y),
    "Binomial": lambda t, x, y: t.distributions.Binomial(5, x / 4),
    "Categorical": lambda t, x, y: t.distributions.Categorical(logits=x),
    "Cauchy": lambda t, x, y: t.distributions.Cauchy(x, y),
    "ContinuousBernoulli": lambda t, x, y: t.distributions.ContinuousBernoulli(x / 4),
    "Dirichlet": lambda t, x, y: t.distributions.Dirichlet(x),
    "Exponential": lambda t, x, y: t.distributions.Exponential(x),
    "Gamma": lambda t, x, y: t.distributions.Gamma(x, y),
    "Geometric": lambda t, x, y: t.distributions.Geometric(x / 4),
    "Gumbel": lambda t, x, y: t.distributions.Gumbel(x, y),
    "HalfNormal": lambda t, x, y: t.distributions.HalfNormal(x),
    "Independent": lambda t, x, y: t.distributions.Independent(t.distributions.Normal(x, y), 1),
    "Laplace": lambda t, x, y: t.distributions.Laplace(x, y),
    "LogNormal": lambda t, x, y: t.distributions.LogNormal(x, y),
    "LowRankMultivariateNormal": lambda t, x, y: t.distributions.LowRankMultivariateNormal(
        x, x.reshape(3, 1), y),
    "MultivariateNormal": lambda t, x, y: t.distributions.MultivariateNormal(
        x, scale_tril=t.diag(y) + 0.1 * t.ones(3, 3, dtype=x.dtype).tril(-1)),
    "Normal": lambda t, x, y: t.distributions.Normal(x, y),
    "OneHotCategorical": lambda t, x, y: t.distributions.OneHotCategorical(logits=x),
    "Pareto": lambda t, x, y: t.distributions.Pareto(x, y + 2),
    "Poisson": lambda t, x, y: t.distributions.Poisson(x),
    "Uniform": lambda t, x, y: t.distributions.Uniform(x / 8, x / 8 + y / 8),
    "VonMises": lambda t, x, y: t.distributions.VonMises(x, y),
}  # fmt: skip


def divergence(torch, p_name, q_name):
    """kl_divergence and its gradients, or None where there is no formula."""
    parameters = [
        torch.tensor(v, dtype=torch.float64).requires_grad_()
        for v in ([0.4, 1.1, 2.3], [1.2, 0.8, 1.7], [0.7, 0.9, 2.9], [2.1, 0.6, 1.4])
    ]
    p = FAMILIES[p_name](torch, *parameters[:2])
    q = FAMILIES[q_name](torch, *parameters[2:])
    try:
        out = torch.distributions.kl_divergence(p, q)
    except NotImplementedError:
        return None
    found = {"kl": array(out)}
    if out.requires_grad and bool(torch.isfinite(out).all()):
        for key, g in zip("abcd", gradients(torch, out, parameters), strict=True):
            found[f"d{key}"] = g
    return found


# ---- transforms ------------------------------------------------------------------------------

TRANSFORMS = {
    "Abs": (lambda d, t: d.AbsTransform(), (3,)),
    "Affine": (lambda d, t: d.AffineTransform(1.5, t.tensor([2.0, -0.5, 1.0])), (2, 3)),
    "Affine/vectors": (lambda d, t: d.AffineTransform(0.0, -2.0, event_dim=1), (2, 3)),
    "Cat": (lambda d, t: d.CatTransform(
        [d.ExpTransform(), d.AffineTransform(0.0, 2.0)], dim=-1, lengths=[1, 2]), (2, 3)),
    "Compose": (lambda d, t: d.ComposeTransform(
        [d.AffineTransform(1.0, 2.0), d.SigmoidTransform(), d.ExpTransform()]), (2, 3)),
    "Compose/vectors": (lambda d, t: d.ComposeTransform(
        [d.ExpTransform(), d.StickBreakingTransform()]), (2, 3)),
    "CorrCholesky": (lambda d, t: d.CorrCholeskyTransform(), (2, 3)),
    "CumulativeDistribution":
        (lambda d, t: d.CumulativeDistributionTransform(d.Normal(0.5, 2.0)), (3,)),
    "Exp": (lambda d, t: d.ExpTransform(), (2, 3)),
    "Independent": (lambda d, t: d.IndependentTransform(d.ExpTransform(), 1), (2, 3)),
    "LowerCholesky": (lambda d, t: d.LowerCholeskyTransform(), (2, 3, 3)),
    "PositiveDefinite": (lambda d, t: d.PositiveDefiniteTransform(), (2, 3, 3)),
    "Power": (lambda d, t: d.ComposeTransform(
        [d.ExpTransform(), d.PowerTransform(t.tensor([2.0, -0.5, 1.0]))]), (2, 3)),
    "Reshape": (lambda d, t: d.ReshapeTransform((2, 3), (6,)), (4, 2, 3)),
    "Sigmoid": (lambda d, t: d.SigmoidTransform(), (2, 3)),
    "Softmax": (lambda d, t: d.SoftmaxTransform(), (2, 3)),
    "Softplus": (lambda d, t: d.SoftplusTransform(), (2, 3)),
    "Stack": (lambda d, t: d.StackTransform(
        [d.ExpTransform(), d.TanhTransform(), d.AffineTransform(0.0, 3.0)], dim=1), (2, 3)),
    "StickBreaking": (lambda d, t: d.StickBreakingTransform(), (2, 3)),
    "Tanh": (lambda d, t: d.TanhTransform(), (2, 3)),
    "Tanh/inverse": (lambda d, t: d.ComposeTransform(
        [d.AffineTransform(0.0, 0.3), d.TanhTransform().inv]), (2, 3)),
}  # fmt: skip


def transform(torch, name):
    """Image, inverse, log-determinant, shapes and repr of a transform."""
    make, shape = TRANSFORMS[name]
    n = int(np.prod(shape))
    x = (torch.linspace(-1.2, 1.3, n).sin() * 1.1).reshape(shape).double().requires_grad_()
    t = make(torch.distributions, torch)
    y = t(x)
    found = {
        "y": array(y), "back": array(t.inv(y)), "repr": repr(t), "inverse repr": repr(t.inv),
        "shape": str(tuple(t.forward_shape(torch.Size(shape)))),
        "inverse shape": str(tuple(t.inverse_shape(y.shape))),
        "bijective": str(bool(t.bijective)), "domain": repr(t.domain), "codomain": repr(t.codomain),
        "dims": f"{t.domain.event_dim} {t.codomain.event_dim}",
        "codomain holds": array(t.codomain.check(y)),
    }  # fmt: skip
    (g,) = torch.autograd.grad((y * torch.linspace(0, 1, y.numel()).reshape(y.shape)).sum(), x)
    found["dx"] = array(g)
    try:
        found["jacobian"] = array(t.log_abs_det_jacobian(x, y))
    except NotImplementedError:
        found["jacobian"] = "NotImplementedError"
    try:
        found["sign"] = str(np.asarray(t.sign).tolist())
    except (NotImplementedError, AttributeError):
        found["sign"] = "none"
    return found


# ---- constraints -----------------------------------------------------------------------------

CONSTRAINTS = (
    "boolean", "nonnegative_integer", "positive_integer", "real", "positive", "nonnegative",
    "unit_interval", "greater_than(1.0)", "greater_than_eq(1.0)", "less_than(1.0)",
    "interval(-1.0, 1.0)", "half_open_interval(-1.0, 1.0)", "integer_interval(0, 1)",
    "real_vector", "simplex", "one_hot", "multinomial(2)", "lower_triangular", "lower_cholesky",
    "corr_cholesky", "square", "symmetric", "positive_semidefinite", "positive_definite",
    "independent(positive, 1)", "cat([positive, real], -1, [1, 1])",
    "stack([positive, real], -1)", "MixtureSameFamilyConstraint(positive)", "dependent",
)  # fmt: skip
VALUES = (
    [[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [2.0, 3.0]],
    [[-1.0, 2.0], [float("nan"), 0.3]], [[1.0, 0.0], [0.6, 0.8]], [[2.0, 0.5], [0.5, 1.0]],
)  # fmt: skip


def constraint(torch, text):
    """What a constraint says of values, its repr and the transforms registered for it."""
    c = eval(text, vars(torch.distributions.constraints))
    found = {"repr": repr(c)}
    for what in ("is_discrete", "event_dim"):
        try:
            found[what] = str(getattr(c, what))
        except NotImplementedError:
            found[what] = "NotImplementedError"
    for i, value in enumerate(VALUES):
        try:
            found[f"check {i}"] = array(c.check(torch.tensor(value)))
        except (ValueError, RuntimeError) as error:
            kind = "ValueError" if isinstance(error, ValueError) else "RuntimeError"
            found[f"check {i}"] = kind
    for what in ("biject_to", "transform_to"):
        try:
            t = getattr(torch.distributions, what)(c)
        except NotImplementedError as error:
            found[what] = f"NotImplementedError {error}"
        else:
            found[what] = repr(t)
            wide = torch.linspace(-1.0, 1.5, 4).reshape(2, 2)
            try:
                found[f"{what} y"] = array(t(wide))
            except (ValueError, RuntimeError, AssertionError):
                found[f"{what} y"] = "error"
    return found


# ---- errors ----------------------------------------------------------------------------------

ERRORS = {
    "negative scale": lambda t, d: d.Normal(t.zeros(2), t.tensor([1.0, -1.0])),
    "nan loc": lambda t, d: d.Normal(t.tensor(float("nan")), 1.0),
    "probs above 1": lambda t, d: d.Bernoulli(t.tensor([0.5, 1.5])),
    "both": lambda t, d: d.Bernoulli(t.tensor(0.5), t.tensor(0.5)),
    "neither": lambda t, d: d.Categorical(),
    "0-d probs": lambda t, d: d.Categorical(t.tensor(0.5)),
    "negative probs": lambda t, d: d.Categorical(t.tensor([-0.5, 1.5])),
    "outside the support": lambda t, d: d.Exponential(1.0).log_prob(t.tensor([-1.0])),
    "category": lambda t, d: d.Categorical(t.ones(3)).log_prob(t.tensor(3)),
    "uniform value": lambda t, d: d.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
    "uniform bounds": lambda t, d: d.Uniform(1.0, 0.0),
    "not a tensor": lambda t, d: d.Normal(0.0, 1.0).log_prob(0.5),
    "event size": lambda t, d: d.Dirichlet(t.ones(3)).log_prob(t.ones(2) / 2),
    "batch size": lambda t, d: d.Normal(t.zeros(3), 1.0).log_prob(t.zeros(2)),
    "arguments": lambda t, d: d.Normal("0", 1.0),
    "geometric 0": lambda t, d: d.Geometric(t.tensor([0.0])),
    "mvn nothing": lambda t, d: d.MultivariateNormal(t.zeros(2)),
    "mvn 0-d": lambda t, d: d.MultivariateNormal(t.tensor(0.0), t.eye(2)),
    "mvn not definite": lambda t, d: d.MultivariateNormal(t.zeros(2), -t.eye(2)),
    "independent": lambda t, d: d.Independent(d.Normal(0.0, 1.0), 1),
    "transforms": lambda t, d: d.TransformedDistribution(d.Normal(0.0, 1.0), "exp"),
    "transform list": lambda t, d: d.TransformedDistribution(d.Normal(0.0, 1.0), ["exp"]),
    "lkj": lambda t, d: d.LKJCholesky(1),
    "mixture": lambda t, d: d.MixtureSameFamily(d.Normal(0.0, 1.0), d.Normal(0.0, 1.0)),
    "mixture size": lambda t, d: d.MixtureSameFamily(
        d.Categorical(t.ones(2)), d.Normal(t.zeros(3), 1.0)),
    "wishart df": lambda t, d: d.Wishart(t.tensor(0.5), t.eye(2)),
    "cache": lambda t, d: d.ExpTransform(cache_size=2),
    "kl": lambda t, d: d.kl_divergence(d.Normal(0.0, 1.0), d.Multinomial(2, t.ones(2))),
    "rsample": lambda t, d: d.Poisson(1.0).rsample(),
    "no cdf": lambda t, d: d.Poisson(1.0).cdf(t.tensor(1.0)),
    "no mode": lambda t, d: d.Multinomial(2, t.ones(2)).mode,
    "inhomogeneous": lambda t, d: d.Binomial(t.tensor([1.0, 2.0]), t.tensor(0.5)).entropy(),
    "register": lambda t, d: d.biject_to.register(3, None)(None),
    "default": lambda t, d: d.Distribution.set_default_validate_args(2),
    "abstract": lambda t, d: d.Distribution(validate_args=False).log_prob(t.tensor(1.0)),
    "abstract expand": lambda t, d: d.Distribution(validate_args=False).expand((2,)),
}  # fmt: skip


def error(torch, name):
    """Class (as a tuple of the usual ones) and message of what a call raises."""
    try:
        ERRORS[name](torch, torch.distributions)
    except Exception as raised:
        kinds = (NotImplementedError, ValueError, TypeError, AssertionError, RuntimeError)
        named = str(raised).replace("chainrule.distributions", "torch.distributions")
        return [k for k in kinds if isinstance(raised, k)], " ".join(named.split())
    return None
