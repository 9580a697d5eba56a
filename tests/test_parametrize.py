"""Parametrisations, fused and stateless modules, lazy parameters, registration hooks."""

import copy
import pickle

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.nn.modules import module as modules
from chainrule.nn.utils import parametrizations, parametrize, stateless


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).T

    def right_inverse(self, x):
        return x.triu()


class Double(nn.Module):
    def forward(self, x):
        return x * 2

    def right_inverse(self, x):
        return x / 2


class Split(nn.Module):
    def forward(self, a, b):
        return a + b

    def right_inverse(self, x):
        return x / 2, x / 2


def test_values_gradients_and_names():
    layer = nn.Linear(3, 3)
    before = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    expected = before.triu() + before.triu(1).T
    assert torch.equal(layer.weight, expected)
    assert type(layer).__name__ == "ParametrizedLinear" and isinstance(layer, nn.Linear)
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    layer(torch.ones(1, 3)).sum().backward()
    grad = layer.parametrizations.weight.original.grad
    assert grad[0, 1] == 2 and grad[1, 0] == 0


def test_chain_assignment_and_removal():
    layer = nn.Linear(3, 3)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    parametrize.register_parametrization(layer, "weight", Double())
    layer.weight = torch.eye(3)
    assert torch.equal(layer.weight, torch.eye(3))
    assert torch.equal(layer.parametrizations.weight.original, torch.eye(3) / 2)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and not parametrize.is_parametrized(layer)
    assert torch.equal(layer.weight, torch.eye(3)) and isinstance(layer.weight, nn.Parameter)


def test_one_tensor_from_several():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Split())
    names = [n for n, _ in layer.parametrizations.weight.named_parameters()]
    assert names == ["original0", "original1"]
    with pytest.raises(ValueError, match="sequence of tensors"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    value = layer.weight.detach()
    parametrize.remove_parametrizations(layer, "weight")
    assert torch.equal(layer.weight, value)


def test_copies_but_does_not_pickle():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Double())
    other = copy.deepcopy(layer)
    other.parametrizations.weight.original.data.zero_()
    assert layer.weight.any() and not other.weight.any()
    with pytest.raises(RuntimeError, match="state_dict"):
        pickle.dumps(layer)


def test_transfer():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Double())
    other = parametrize.transfer_parametrizations_and_params(layer, nn.Linear(2, 2))
    assert torch.equal(other.weight, layer.weight)


def test_cache_lasts_for_the_block():
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Double())
    with parametrize.cached():
        first = layer.weight
        with parametrize.cached():
            assert layer.weight is first
        assert layer.weight is first
    assert layer.weight is not first


class Gives(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


@pytest.mark.parametrize(("f", "match"), [
    (lambda x: x[:1], "may not change the shape"), (lambda x: x.double(), "may not change the d"),
    (lambda x: 3, "must return a tensor"),
])  # fmt: skip
def test_refuses_what_changes_the_tensor(f, match):
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match=match):
        parametrize.register_parametrization(layer, "weight", Gives(f))
    with pytest.raises(ValueError, match="does not have a parameter"):
        parametrize.register_parametrization(layer, "nothing", Gives(f))
    with pytest.raises(ValueError, match="does not have a parametrization"):
        parametrize.remove_parametrizations(layer, "weight")
    assert layer(torch.ones(1, 2)).shape == (1, 2)


@pytest.mark.parametrize("kind", ["matrix_exp", "cayley", "householder", None])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4)])
def test_orthogonal_stays_so(kind, shape):
    torch.manual_seed(0)
    layer = parametrizations.orthogonal(nn.Linear(*shape).double(), orthogonal_map=kind)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    for _ in range(3):
        w = layer.weight
        gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
        np.testing.assert_allclose(gram.detach(), np.eye(min(shape)), atol=1e-10)
        layer(torch.ones(1, shape[0]).double()).pow(2).sum().backward()
        optimizer.step()


def test_spectral_norm_divides_by_the_largest_singular_value():
    torch.manual_seed(0)
    layer = parametrizations.spectral_norm(nn.Conv2d(2, 4, 3))
    for _ in range(20):
        weight = layer.weight
    assert abs(float(torch.linalg.matrix_norm(weight.detach().flatten(1), 2)) - 1) < 1e-4
    layer.eval()
    before = layer.parametrizations.weight[0]._u.clone()
    assert layer.weight is not None and torch.equal(before, layer.parametrizations.weight[0]._u)


def test_weight_norm_reads_the_old_names():
    old, new = nn.utils.weight_norm(nn.Linear(3, 2)), parametrizations.weight_norm(nn.Linear(3, 2))
    new.load_state_dict(old.state_dict())
    np.testing.assert_allclose(new.weight.detach(), old.weight.detach(), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:.*stateless")
def test_functional_call():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    weight = torch.eye(2, requires_grad=True)
    given = {"0.weight": weight, "0.bias": torch.zeros(2), "1.bias": torch.zeros(2)}
    call = stateless.functional_call
    out = call(net, given, torch.tensor([[1.0, 2.0]]))
    assert out.tolist() == [[1.0, 2.0]]
    out.sum().backward()
    assert weight.grad is not None and net[0].weight.grad is None
    assert net[1].weight is net[0].weight and isinstance(net[0].weight, nn.Parameter)
    with pytest.raises(RuntimeError, match="Missing key"):
        call(net, {}, torch.ones(1, 2), strict=True)
    with pytest.raises(ValueError, match="tied"):
        call(net, {"0.weight": weight, "1.weight": torch.ones(2, 2)}, torch.ones(1, 2))


def test_lazy_parameters():
    layer = nn.LazyLinear(3)
    with pytest.raises(RuntimeError, match="uninitialized"):
        _ = layer.weight.shape
    assert layer.has_uninitialized_params() and repr(layer.weight) == "<UninitializedParameter>"
    other = copy.deepcopy(layer).double()
    other(torch.zeros(1, 4).double())
    assert type(other) is nn.Linear and other.weight.dtype == torch.float64
    assert type(layer) is nn.LazyLinear
    layer.load_state_dict(nn.Linear(5, 3).state_dict())
    assert layer(torch.zeros(2, 5)).shape == (2, 3) and layer.in_features == 5
    with pytest.raises(RuntimeError, match="uninitialized"):
        nn.Linear(5, 3).load_state_dict(nn.LazyLinear(3).state_dict())


def test_lazy_layers_start_as_ordinary_ones():
    torch.manual_seed(1)
    lazy = nn.LazyConv2d(4, 3)
    lazy(torch.zeros(1, 2, 5, 5))
    torch.manual_seed(1)
    assert torch.equal(lazy.weight, nn.Conv2d(2, 4, 3).weight)
    with pytest.raises(RuntimeError, match="Expected 3D"):
        nn.LazyConv2d(4, 3)(torch.zeros(2, 2))


def test_registration_hooks_see_new_members():
    seen = []
    handles = [
        modules.register_module_parameter_registration_hook(lambda m, n, p: seen.append(n)),
        modules.register_module_module_registration_hook(lambda m, n, c: nn.Identity()),
    ]
    try:
        net = nn.Sequential(nn.Linear(1, 1))
    finally:
        for handle in handles:
            handle.remove()
    assert {"weight", "bias"} <= set(seen) and isinstance(net[0], nn.Identity)


def test_sync_batch_norm_takes_the_place():
    net = nn.Sequential(nn.Sequential(nn.BatchNorm1d(3)), nn.ReLU())
    weight = net[0][0].weight
    new = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert isinstance(new[0][0], nn.SyncBatchNorm) and new[0][0].weight is weight


def test_skip_init_leaves_the_random_stream():
    torch.manual_seed(0)
    nn.utils.skip_init(nn.Linear, 3, 2)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(torch.rand(1), drawn)


def test_fused_batch_norm_is_the_same():
    conv, bn = nn.ConvTranspose2d(2, 3, 3), nn.BatchNorm2d(3)
    bn(conv(torch.randn(4, 2, 5, 5)))
    with pytest.raises(AssertionError, match="only for eval"):
        nn.utils.fuse_conv_bn_eval(conv, bn, transpose=True)
    fused = nn.utils.fuse_conv_bn_eval(conv.eval(), bn.eval(), transpose=True)
    x = torch.randn(1, 2, 5, 5)
    np.testing.assert_allclose(fused(x).detach(), bn(conv(x)).detach(), rtol=1e-4, atol=1e-5)
