"""Distributions against what torch gave for the same seeds, and by their own properties."""

import copy
import pathlib
import pickle

import numpy as np
import pytest

import chainrule as torch
import distribution_cases as cases
import draws
from chainrule import distributions as d

RECORDED = draws.load(pathlib.Path(__file__).parent / "recorded" / "distributions.npz")


def recorded(prefix):
    """The entries under one prefix, strings as strings."""
    start = f"{prefix}|"
    return {
        key[len(start) :]: value.tobytes().decode() if value.dtype == np.uint8 else value
        for key, value in RECORDED.items()
        if key.startswith(start)
    }


def assert_recorded(prefix, ours, rtol=1e-7, atol=1e-9):
    expected = recorded(prefix)
    assert expected and set(expected) <= set(ours)
    for key, value in expected.items():
        if isinstance(value, str):
            assert ours[key] == value, key
        else:
            assert ours[key].dtype == value.dtype, key
            assert ours[key].shape == value.shape, key
            np.testing.assert_allclose(ours[key], value, rtol=rtol, atol=atol, err_msg=key)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(cases.CASES))
def test_samples_densities_and_gradients(name):
    dtype = cases.ONLY.get(name, "float64")
    tolerance = () if dtype == "float64" else (3e-4, 3e-5)
    assert_recorded(f"case {name}", cases.observe(torch, name, dtype), *tolerance)


@pytest.mark.parametrize("p", sorted(cases.FAMILIES))
def test_divergences(p):
    for q in sorted(cases.FAMILIES):
        ours = cases.divergence(torch, p, q)
        assert (ours is not None) == (f"kl {p} {q}|kl" in RECORDED), q
        if ours is not None:
            assert_recorded(f"kl {p} {q}", ours, 1e-6)


@pytest.mark.parametrize("name", sorted(cases.TRANSFORMS))
def test_transforms(name):
    assert_recorded(f"transform {name}", cases.transform(torch, name), 1e-6, 1e-7)


@pytest.mark.parametrize("name", cases.CONSTRAINTS)
def test_constraints(name):
    assert_recorded(f"constraint {name}", cases.constraint(torch, name), 1e-6, 1e-7)


@pytest.mark.parametrize("name", sorted(cases.ERRORS))
def test_errors(name):
    expected, ours = recorded(f"error {name}"), cases.error(torch, name)
    assert (ours is not None) == bool(expected)
    if expected:
        assert set(expected["kinds"].split()) <= {k.__name__ for k in ours[0]}
        assert ours[1].startswith(expected["message"])


def test_every_public_class_has_a_case():
    named = {name.partition("/")[0] for name in cases.CASES}
    abstract = {"Distribution", "ExponentialFamily"}
    classes = {n for n in d.__all__ if isinstance(getattr(d, n), type)}
    made = {n for n in classes if issubclass(getattr(d, n), d.Distribution)}
    assert made - abstract == named
    maps = {n.removesuffix("Transform") for n in classes - made} - {""}
    assert maps == {n.partition("/")[0] for n in cases.TRANSFORMS}


# ---- properties ------------------------------------------------------------------------------


def test_gamma_and_dirichlet_gradients_agree_with_the_distribution_function():
    """-(d cdf / d alpha) / density, by differences of igamma in float64."""
    for a in (0.1, 0.7, 1.0, 3.0, 7.9, 8.1, 60.0):
        alpha = torch.full((40,), a, dtype=torch.float64, requires_grad=True)
        torch.manual_seed(0)
        x = torch._standard_gamma(alpha)
        (g,) = torch.autograd.grad(x.sum(), alpha)
        x, h = x.detach(), 1e-5
        shifted = [torch.special.gammainc(alpha.detach() + s, x) for s in (h, -h)]
        density = d.Gamma(alpha.detach(), 1.0).log_prob(x).exp()
        expected = -(shifted[0] - shifted[1]) / (2 * h) / density
        usable = (density > 1e-3) & (shifted[0] < 0.999) & (shifted[0] > 1e-3)
        np.testing.assert_allclose(g[usable].numpy(), expected[usable].numpy(), rtol=2e-3)


def test_dirichlet_gradient_keeps_the_sum():
    alpha = torch.tensor([[0.2, 3.0, 9.0], [20.0, 8.0, 0.5]], requires_grad=True)
    x = d.Dirichlet(alpha).rsample((50,))
    (g,) = torch.autograd.grad(x.sum(), alpha)
    assert g.abs().max() < 1e-4


def test_second_derivative_of_a_gamma_sample_says_why_there_is_none():
    alpha = torch.tensor([2.0], requires_grad=True)
    (g,) = torch.autograd.grad(d.Gamma(alpha, 1.0).rsample(), alpha, create_graph=True)
    with pytest.raises(NotImplementedError, match="second derivative of a gamma sample"):
        g.backward()


def test_densities_integrate_to_1():
    x = torch.linspace(1e-4, 1 - 1e-4, 20001, dtype=torch.float64)
    for made in (d.Beta(2.0, 3.0), d.Kumaraswamy(2.0, 1.5), d.ContinuousBernoulli(0.3),
                 d.ContinuousBernoulli(0.5), d.Uniform(0.0, 1.0)):  # fmt: skip
        assert abs(float(torch.trapezoid(made.log_prob(x).exp(), x)) - 1) < 2e-3, made


def test_transformed_density_is_that_of_the_named_distribution():
    x = torch.tensor([0.5, 1.0, 3.0])
    made = d.TransformedDistribution(d.Normal(0.3, 0.7), [d.ExpTransform()])
    assert torch.allclose(made.log_prob(x), d.LogNormal(0.3, 0.7).log_prob(x))
    assert torch.allclose(made.icdf(made.cdf(x)), x, atol=1e-5)


def test_cache_gives_back_the_input_itself():
    t = d.ComposeTransform([d.AffineTransform(0.0, 2.0), d.TanhTransform()], cache_size=1)
    x = torch.tensor([5.0, 20.0])
    assert torch.equal(t.inv(t(x)), x)
    assert t.with_cache(1) is t
    assert t.inv.inv is t


def test_equality_of_transforms():
    assert d.ExpTransform() == d.ExpTransform() != d.TanhTransform()
    assert d.AffineTransform(0.0, 1.0) == d.AffineTransform(0.0, 1.0)
    assert d.AffineTransform(0.0, torch.ones(2)) != d.AffineTransform(0.0, torch.zeros(2))
    assert d.ExpTransform().inv == d.ExpTransform().inv != d.ExpTransform()
    assert d.PowerTransform(2.0) == d.PowerTransform(2.0) != d.PowerTransform(3.0)
    with pytest.raises(TypeError):
        hash(d.ExpTransform())


def test_a_subclass_without_expand_says_so():
    class Standard(d.Normal):
        def __init__(self):
            super().__init__(0.0, 1.0)

    with pytest.raises(NotImplementedError, match=r"must also define a custom .expand\(\) method"):
        Standard().expand((2,))


def test_a_users_distribution_expands_and_validates():
    class Squashed(d.TransformedDistribution):
        arg_constraints = {"loc": d.constraints.real}

        def __init__(self, loc, validate_args=None):
            self.loc = loc
            super().__init__(d.Normal(loc, 1.0), d.TanhTransform(), validate_args=validate_args)

        def expand(self, batch_shape, _instance=None):
            new = self._get_checked_instance(Squashed, _instance)
            new.loc = self.loc.expand(batch_shape)
            return super().expand(batch_shape, _instance=new)

    made = Squashed(torch.zeros(1)).expand((3, 2))
    assert made.loc.shape == made.sample().shape == (3, 2)
    with pytest.raises(ValueError, match="Expected parameter loc"):
        Squashed(torch.tensor(float("nan")))


def test_registered_formulas_reach_subclasses_and_warn_when_ambiguous():
    class Left(d.Normal):
        pass

    class Right(d.Normal):
        pass

    d.register_kl(Left, d.Normal)(lambda p, q: "left")
    d.register_kl(d.Normal, Right)(lambda p, q: "right")
    assert d.kl_divergence(Left(0.0, 1.0), d.Normal(0.0, 1.0)) == "left"
    assert d.kl_divergence(d.Normal(0.0, 1.0), Right(0.0, 1.0)) == "right"
    with pytest.warns(RuntimeWarning, match="Ambiguous kl_divergence"):
        assert d.kl_divergence(Left(0.0, 1.0), Right(0.0, 1.0)) == "left"
    with pytest.raises(TypeError, match="Expected type_p"):
        d.register_kl(int, d.Normal)


def test_validation_can_be_turned_off():
    assert d.Normal(0.0, -1.0, validate_args=False).scale == -1
    d.Distribution.set_default_validate_args(False)
    try:
        assert d.Normal(0.0, -1.0).scale == -1
    finally:
        d.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="Expected parameter scale"):
        d.Normal(0.0, -1.0)


def test_what_is_not_declared_is_a_warning():
    class Bare(d.Distribution):
        pass

    with pytest.warns(UserWarning, match="does not define `arg_constraints`"):
        made = Bare()
    with pytest.warns(UserWarning, match="does not define `support`"):
        made._validate_sample(torch.tensor(1.0))
    with pytest.warns(FutureWarning, match="sample_n"):
        assert d.Normal(0.0, 1.0).sample_n(3).shape == (3,)


def test_parameters_are_views_of_what_was_given():
    logits = torch.randn(4, 3, requires_grad=True)
    made = d.Categorical(logits=logits)
    assert "probs" not in vars(made)
    assert made.probs.requires_grad and "probs" in vars(made)
    made.log_prob(torch.zeros(4)).sum().backward()
    assert torch.allclose(logits.grad.sum(-1), torch.zeros(4), atol=1e-6)


def test_probabilities_of_zero():
    made = d.Categorical(torch.tensor([1.0, 0.0]))
    assert made.entropy() < 1e-5
    same = d.Categorical(logits=torch.tensor([0.0, -torch.inf]))
    assert same.entropy() == 0
    assert d.kl_divergence(d.Categorical(torch.tensor([0.5, 0.5])), made) == torch.inf
    assert made.sample((100,)).sum() == 0


def test_copies_and_pickles():
    made = d.TransformedDistribution(d.Normal(torch.zeros(2), 1.0), d.TanhTransform(cache_size=1))
    for twin in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        torch.manual_seed(1)
        a = made.sample()
        torch.manual_seed(1)
        assert torch.equal(a, twin.sample())


def test_stream_goes_on_as_if_numbers_were_drawn_one_by_one():
    """Few and many draws, with a normal number left over from an odd count before."""
    for lead in (0, 1):
        found = []
        for pieces in ((300,), (150, 100, 50), (1,) * 300):
            torch.manual_seed(3)
            torch.randn(lead)
            alphas = torch.linspace(0.2, 9.0, 300, dtype=torch.float64).split(list(pieces))
            found.append(torch.cat([torch._standard_gamma(a) for a in alphas]))
        assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])


def test_extreme_concentrations():
    tiny = torch.finfo(torch.float32).tiny
    x = torch._standard_gamma(torch.tensor([0.0, 1e-30, 1e6]))
    assert x[0] == tiny and x[1] == tiny and abs(x[2] - 1e6) < 1e4
    assert torch._standard_gamma(torch.empty(0, 3)).shape == (0, 3)
    assert bool(torch.isnan(torch._standard_gamma(torch.tensor(float("nan")))))
    with pytest.raises(NotImplementedError, match="gamma_cpu"):
        torch._standard_gamma(torch.tensor([1]))


def test_names_that_programs_import():
    from chainrule.distributions.categorical import Categorical
    from chainrule.distributions.kl import kl_divergence
    from chainrule.distributions.normal import Normal
    from chainrule.distributions.utils import broadcast_all, lazy_property, probs_to_logits

    assert (Categorical, kl_divergence, Normal) == (d.Categorical, d.kl_divergence, d.Normal)
    assert callable(broadcast_all) and callable(lazy_property) and callable(probs_to_logits)
