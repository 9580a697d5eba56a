"""weight_norm and spectral_norm: what the weight is, what trains, and how it is undone."""

import copy

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.nn.utils import (
    remove_spectral_norm,
    remove_weight_norm,
    spectral_norm,
    weight_norm,
)


@pytest.mark.parametrize(("dim", "shape"), [(0, (4, 1, 1)), (1, (1, 3, 1)), (-1, ()), (None, ())])
def test_weight_norm_splits_length_and_direction(dim, shape):
    layer = nn.Conv1d(3, 4, 2)
    before = layer.weight.detach().clone()
    weight_norm(layer, dim=dim)
    assert layer.weight_g.shape == shape
    np.testing.assert_allclose(layer.weight.detach(), before, rtol=1e-5)
    with torch.no_grad():
        layer.weight_g.mul_(2)
    layer(torch.ones(1, 3, 5)).sum().backward()
    np.testing.assert_allclose(layer.weight.detach(), 2 * before, rtol=1e-5)
    along = (layer.weight_v.grad * layer.weight_v.detach()).sum()
    assert abs(float(along)) < 1e-4  # no part of the gradient changes the length
    remove_weight_norm(layer)
    assert sorted(dict(layer.named_parameters())) == ["bias", "weight"]
    np.testing.assert_allclose(layer.weight.detach(), 2 * before, rtol=1e-5)


def test_spectral_norm_finds_the_largest_singular_value():
    torch.manual_seed(0)
    layer = spectral_norm(nn.Linear(5, 4), n_power_iterations=50)
    layer(torch.ones(2, 5)).sum().backward()
    assert abs(np.linalg.norm(layer.weight.detach().numpy(), 2) - 1) < 1e-5
    assert layer.weight_orig.grad is not None
    layer.eval()
    u = layer.weight_u.clone()
    layer(torch.ones(2, 5))
    assert torch.equal(u, layer.weight_u)
    assert spectral_norm(nn.ConvTranspose1d(2, 3, 3)).weight_u.shape == (3,)
    remove_spectral_norm(layer)
    assert list(layer.state_dict()) == ["bias", "weight"]


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_refusals_and_copies(name):
    norm, remove = getattr(nn.utils, name), getattr(nn.utils, f"remove_{name}")
    layer = norm(nn.Linear(3, 2))
    with pytest.raises(RuntimeError, match=f"two {name} hooks on the same parameter weight"):
        norm(layer)
    remove(layer)
    with pytest.raises(ValueError, match=f"{name} of 'weight' not found"):
        remove(layer)


def test_copies_and_wrong_arguments():
    layer = spectral_norm(nn.Linear(3, 2))
    twin = copy.deepcopy(layer)
    twin(torch.ones(1, 3)).sum().backward()
    assert layer.weight_orig.grad is None and twin.weight_orig.grad is not None
    with pytest.raises(ValueError, match="positive"):
        spectral_norm(nn.Linear(3, 2), n_power_iterations=0)
    with pytest.raises(ValueError, match="`bias` is None"):
        spectral_norm(nn.Linear(3, 2, bias=False), name="bias")
