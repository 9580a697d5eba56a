"""Functions that drop or perturb at random: what they keep, how often, and their gradients.

That the very numbers are torch's is checked in test_random.py, on the draws beneath.
"""

import numpy as np
import pytest

import chainrule as torch
from chainrule.nn import functional as F

DROPS = ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"]
SHAPES = {"dropout1d": (40, 30, 3), "dropout2d": (40, 30, 2, 2), "dropout3d": (40, 30, 2, 1, 2)}


@pytest.mark.parametrize("name", DROPS)
def test_outside_of_training_nothing_changes(name):
    x = torch.ones(*SHAPES.get(name, (4, 3)), requires_grad=True)
    out = getattr(F, name)(x, 0.5, training=False)
    assert torch.equal(out, x)


@pytest.mark.parametrize("name", DROPS)
def test_mean_is_kept_and_the_gradient_is_the_mask(name):
    torch.manual_seed(1)
    x = torch.ones(*SHAPES.get(name, (40, 30, 4)), requires_grad=True)
    out = getattr(F, name)(x, 0.25, training=True)
    values = np.unique(out.detach().numpy())
    assert len(values) == 2, "an element is kept or dropped"
    (g,) = torch.autograd.grad(out.sum(), x)
    kept = out.detach().numpy() == values.max()
    assert abs(kept.mean() - 0.75) < 0.05
    assert ((g.numpy() != 0) == kept).all()
    if "alpha" not in name:
        np.testing.assert_allclose(values, [0, 4 / 3], rtol=1e-6)


@pytest.mark.parametrize("name", ["dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"])
def test_whole_channels_are_dropped(name):
    x = torch.ones(*SHAPES.get(name, (40, 30, 4)))
    out = getattr(F, name)(x, 0.5, training=True).reshape(40, 30, -1)
    assert (out == out[:, :, :1]).all()


def test_alpha_dropout_keeps_mean_and_variance():
    torch.manual_seed(2)
    x = torch.randn(200, 200)
    for out in (F.alpha_dropout(x, 0.3, True), torch.alpha_dropout(x, 0.3, train=True)):
        assert abs(float(out.mean())) < 0.02 and abs(float(out.std()) - 1) < 0.02


@pytest.mark.parametrize("name", DROPS)
def test_probability_is_checked(name):
    with pytest.raises(ValueError, match="between 0 and 1"):
        getattr(F, name)(torch.ones(*SHAPES.get(name, (4, 3))), 1.5)


def test_all_or_nothing():
    x = torch.ones(5, requires_grad=True)
    out = F.dropout(x, 1.0)
    assert not out.any() and torch.equal(F.dropout(x, 0.0), x)
    assert not torch.autograd.grad(out.sum(), x)[0].any()


def test_top_level_forms_draw_the_same():
    x = torch.ones(3, 8)
    for name in ("dropout", "alpha_dropout", "feature_alpha_dropout"):
        torch.manual_seed(3)
        ours = getattr(torch, name)(x, 0.5, train=True)
        torch.manual_seed(3)
        assert torch.equal(ours, getattr(F, name)(x, 0.5, True))
    torch.manual_seed(3)
    written = x.clone()
    assert torch.dropout_(written, 0.5, train=True) is written
    torch.manual_seed(3)
    assert torch.equal(written, torch.dropout(x, 0.5, train=True))


def test_gumbel_softmax():
    torch.manual_seed(4)
    logits = torch.zeros(1000, 3, dtype=torch.float64, requires_grad=True)
    soft = F.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.sum(1).detach().numpy(), 1)
    hard = F.gumbel_softmax(logits, hard=True)
    assert ((hard == 0) | (hard == 1)).all() and (hard.sum(1) == 1).all()
    assert (abs(hard.mean(0) - 1 / 3) < 0.06).all()
    assert torch.autograd.grad((hard * hard.detach()).sum(), logits)[0].any(), "straight through"


def test_rrelu_draws_slopes_between_its_bounds():
    x = torch.tensor([-1.0] * 500 + [2.0], requires_grad=True)
    out = F.rrelu(x, 0.1, 0.3, training=True)
    slopes = -out[:-1].detach()
    assert out[-1] == 2 and (slopes >= 0.1).all() and (slopes <= 0.3).all() and slopes.std() > 0.04
    written = x.detach().clone()
    assert F.rrelu_(written, 0.1, 0.3, training=True) is written
    (g,) = torch.autograd.grad(out.sum(), x)
    np.testing.assert_allclose(g[:-1].numpy(), slopes.numpy())
