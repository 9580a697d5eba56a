"""nn.init: the values are checked in test_random.py; here its errors, warnings and rules."""

from __future__ import annotations

import math

import numpy as np
import pytest

import chainrule as torch
from chainrule.nn import init


@pytest.mark.parametrize(("name", "param", "gain"), [
    ("linear", None, 1), ("conv_transpose2d", None, 1), ("sigmoid", None, 1),
    ("tanh", None, 5 / 3), ("relu", None, math.sqrt(2)), ("selu", None, 0.75),
    ("leaky_relu", None, math.sqrt(2 / (1 + 0.01**2))), ("leaky_relu", 0.2, math.sqrt(2 / 1.04)),
])  # fmt: skip
def test_gains(name, param, gain):
    assert init.calculate_gain(name, param) == gain


@pytest.mark.parametrize(("call", "words"), [
    (lambda: init.calculate_gain("swish"), "Unsupported nonlinearity swish"),
    (lambda: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    (lambda: init.xavier_uniform_(torch.empty(3)), "fewer than 2 dimensions"),
    (lambda: init.kaiming_normal_(torch.empty(3, 2), mode="fan"), "Mode fan not supported"),
    (lambda: init.eye_(torch.empty(3)), "Only tensors with 2 dimensions"),
    (lambda: init.sparse_(torch.empty(3), 0.1), "Only tensors with 2 dimensions"),
    (lambda: init.dirac_(torch.empty(3, 2)), "3, 4, or 5 dimensions"),
    (lambda: init.dirac_(torch.empty(3, 2, 1), 2), "divisible by groups"),
    (lambda: init.orthogonal_(torch.empty(3)), "2 or more dimensions"),
])  # fmt: skip
def test_errors_are_value_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_writes_into_parameters_outside_the_graph():
    w = torch.zeros(3, 5, requires_grad=True)
    version = w._version
    assert init.xavier_normal_(w) is w
    assert w.requires_grad and w.is_leaf and w._version == version + 1
    assert (w.numpy() if not w.requires_grad else w.detach().numpy()).std() > 0


def test_generators_are_used():
    a = init.uniform_(torch.empty(4), generator=torch.Generator().manual_seed(3))
    b = init.uniform_(torch.empty(4), generator=torch.Generator().manual_seed(3))
    np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize(("a", "b", "mean"), [(-0.5, 0.5, 0.0), (1.0, 1.5, 0.0), (-2, 2, 0.3)])
def test_truncated_normals_stay_inside_and_follow_the_density(a, b, mean):
    torch.manual_seed(0)
    x = init.trunc_normal_(torch.empty(20_000, dtype=torch.float64), mean, 1.0, a, b).numpy()
    assert x.min() >= a and x.max() <= b
    grid = np.linspace(a, b, 2001)
    density = np.exp(-0.5 * (grid - mean) ** 2)
    assert abs(x.mean() - (grid * density).sum() / density.sum()) < 0.02


def test_warns_where_torch_does():
    with pytest.warns(UserWarning, match="more than 2 std"):
        init.trunc_normal_(torch.empty(4), 0.0, 1.0, 3.0, 4.0)
    with pytest.warns(UserWarning, match="zero-element tensors is a no-op"):
        init.kaiming_uniform_(torch.empty(0, 3))
    with pytest.warns(FutureWarning, match=r"deprecated in favor of `nn.init.uniform_`"):
        init.uniform(torch.empty(2))


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (4, 2, 3)])
def test_orthogonal_is_orthonormal(shape):
    w = init.orthogonal_(torch.empty(*shape, dtype=torch.float64)).numpy().reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-12)


@pytest.mark.parametrize("draw", [
    init.uniform_, init.normal_, init.xavier_uniform_, init.kaiming_normal_, init.trunc_normal_,
    init.orthogonal_, lambda w: init.sparse_(w, 0.5),
    lambda w: init.trunc_normal_(w, a=0.0, b=0.1),
])  # fmt: skip
def test_random_numbers_come_from_the_methods_of_tensor(draw, monkeypatch):
    """A program that replaces Tensor.normal_ to control its draws controls the layers' too."""
    drawn = []

    def spy(name):
        method = getattr(torch.Tensor, name)

        def call(self, *args, **kwargs):
            drawn.append(name)
            return method(self, *args, **kwargs)

        monkeypatch.setattr(torch.Tensor, name, call)

    spy("uniform_")
    spy("normal_")
    draw(torch.empty(3, 4))
    assert drawn
