"""Distributions against an installed torch: the same seeds, the same numbers and gradients."""

import numpy as np
import pytest
import torch as peer

import chainrule as torch
import distribution_cases as cases

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]
NUMBERS = (np.ndarray, np.generic)


def assert_same(ours, theirs, rtol, atol):
    assert set(theirs) <= set(ours)  # we have some more gradients
    for key, value in theirs.items():
        if not isinstance(value, NUMBERS):
            assert ours[key] == value, key
            continue
        assert ours[key].dtype == value.dtype, key
        assert ours[key].shape == value.shape, key
        np.testing.assert_allclose(ours[key], value, rtol=rtol, atol=atol, err_msg=key)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", sorted(cases.CASES))
def test_everything_is_torchs(name, dtype):
    if cases.ONLY.get(name, dtype) != dtype:
        return
    theirs = cases.observe(peer, name, dtype)
    ours = cases.observe(torch, name, dtype)
    rtol, atol = (1e-8, 1e-10) if dtype == "float64" else (3e-4, 3e-5)
    assert_same(ours, theirs, rtol, atol)


@pytest.mark.parametrize("p", sorted(cases.FAMILIES))
def test_divergences_are_torchs(p):
    for q in sorted(cases.FAMILIES):
        theirs, ours = cases.divergence(peer, p, q), cases.divergence(torch, p, q)
        assert (ours is None) == (theirs is None), q
        if theirs is not None:
            assert_same(ours, theirs, 5e-8, 1e-11)


@pytest.mark.parametrize("name", sorted(cases.TRANSFORMS))
def test_transforms_are_torchs(name):
    assert_same(cases.transform(torch, name), cases.transform(peer, name), 1e-6, 1e-7)


@pytest.mark.parametrize("name", cases.CONSTRAINTS)
def test_constraints_are_torchs(name):
    assert_same(cases.constraint(torch, name), cases.constraint(peer, name), 1e-6, 1e-7)


@pytest.mark.parametrize("name", sorted(cases.ERRORS))
def test_errors_are_torchs(name):
    ours, theirs = cases.error(torch, name), cases.error(peer, name)
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        assert set(theirs[0]) <= set(ours[0])
        assert ours[1].startswith(theirs[1])


def test_gamma_and_dirichlet_samples_and_their_gradients():
    for trial in range(20):
        values = np.exp(np.random.default_rng(trial).uniform(-4, 6, size=(7, 5)))
        found = []
        for namespace in (torch, peer):
            alpha = namespace.from_numpy(values.copy()).requires_grad_()
            namespace.manual_seed(trial)
            namespace.randn(trial % 2)
            gamma = namespace._standard_gamma(alpha)
            (g,) = namespace.autograd.grad(gamma.log().sum(), alpha)
            d = namespace.distributions.Dirichlet(alpha)
            x = d.rsample()
            (h,) = namespace.autograd.grad((x * alpha.detach().log()).sum(), alpha)
            found.append([cases.array(v) for v in (gamma, g, x, h, namespace.rand(3))])
        for ours, theirs in zip(*found, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12)
