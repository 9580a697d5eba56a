"""gradcheck, functional transforms and anomaly mode."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as torch
from chainrule.autograd import GradcheckError, functional, gradcheck, gradgradcheck


class Wrong(torch.autograd.Function):
    """Twice x, whose derivative claims 3 for the last element."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        factors = torch.tensor([[2.0, 2.0], [2.0, 3.0]], dtype=torch.float64)
        return g * factors


@pytest.fixture
def x():
    return torch.tensor([[0.5, -1.0], [2.0, 1.5]], dtype=torch.float64, requires_grad=True)


def test_gradcheck_accepts_what_is_right(x):
    y = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    for fast in (False, True):
        assert gradcheck(lambda x, y: (x * y, x.sum(0), 3), (x, y), fast_mode=fast)
        assert gradgradcheck(lambda x, y: x * x * y, (x, y), fast_mode=fast)
    assert gradcheck(lambda x: x[:0], x)
    assert gradcheck(lambda x, n: x * n, (x, 3))


def test_gradcheck_names_the_element_that_is_wrong(x):
    with pytest.raises(
        RuntimeError,
        match=r"output 0.*input 0.*output\[1, 1\] / d input\[1, 1\] "
        r"is 3 by backward, 2.* by differences; 1 of 16",
    ):
        gradcheck(Wrong.apply, x)
    with pytest.raises(GradcheckError):
        gradcheck(Wrong.apply, x, fast_mode=True)
    assert gradcheck(Wrong.apply, x, raise_exception=False) is False


def test_gradcheck_asks_for_what_it_needs(x):
    with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
        gradcheck(lambda x: x, x.detach())
    with pytest.warns(UserWarning, match="not a double precision"):
        gradcheck(lambda x: x * 1, torch.ones(2, requires_grad=True), eps=1e-3, atol=1e-2)
    with pytest.raises(RuntimeError, match="stride 0"):
        gradcheck(lambda x: x, x[:, :1].expand(2, 3))
    with pytest.raises(ValueError, match="check_forward_ad=True is not available"):
        gradcheck(lambda x: x, x, check_forward_ad=True)


def test_gradcheck_notices_randomness(x):
    calls = iter(range(1, 100))

    class Unsteady(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * next(calls)

    with pytest.raises(RuntimeError, match="not reentrant"):
        gradcheck(Unsteady.apply, x)


def cube(x):
    return (x**3).sum()


def test_jacobian_of_several_inputs_and_outputs():
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 4.0], [5.0, 6.0]])
    rows = functional.jacobian(lambda a, b: (a * 2, (b * a).sum(0)), (a, b))
    (aa, ab), (ca, cb) = rows
    assert aa.tolist() == [[2, 0], [0, 2]] and not ab.any() and ab.shape == (2, 2, 2)
    assert ca.tolist() == [[8, 0], [0, 10]]
    assert cb.shape == (2, 2, 2) and cb[0].tolist() == [[1, 0], [1, 0]]
    assert functional.jacobian(lambda a: a.sum(), a).tolist() == [1, 1]


def test_products_agree_with_the_matrices():
    random = np.random.RandomState(0)
    x = torch.from_numpy(random.uniform(0.5, 1, 3))
    v = torch.from_numpy(random.uniform(0.5, 1, 3))

    def f(x):
        return x.exp() * x.sum()

    jacobian = functional.jacobian(f, x).numpy()
    np.testing.assert_allclose(functional.vjp(f, x, v)[1].numpy(), v.numpy() @ jacobian)
    np.testing.assert_allclose(functional.jvp(f, x, v)[1].numpy(), jacobian @ v.numpy())
    hessian = functional.hessian(lambda x: f(x).sum(), x).numpy()
    np.testing.assert_allclose(hessian, hessian.T)
    for product in (functional.hvp, functional.vhp):
        value, got = product(lambda x: f(x).sum(), x, v)
        np.testing.assert_allclose(got.numpy(), hessian @ v.numpy())
        assert value.item() == f(x).sum().item()
    assert not functional.hvp(lambda x: x.sum(), x, v)[1].any()


def test_results_are_differentiable_with_create_graph():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    for result in (
        functional.jacobian(lambda x: x**3, x, create_graph=True),
        functional.jvp(lambda x: x**3, x, torch.ones(2), create_graph=True)[1],
        functional.vjp(lambda x: x**3, x, torch.ones(2), create_graph=True)[1],
    ):
        assert torch.autograd.grad(result.sum(), x)[0].tolist() == [6, 12]
    assert torch.autograd.grad(functional.hessian(cube, x, create_graph=True).sum(), x)[
        0
    ].tolist() == [6, 6]
    assert not functional.jacobian(lambda x: x**3, x).requires_grad


def test_functional_says_what_is_wrong():
    x = torch.ones(3)
    for call, match in (
        (lambda: functional.vjp(torch.exp, x), "vector v can only be None"),
        (lambda: functional.vjp(torch.exp, x, torch.ones(2)), "v has invalid size"),
        (lambda: functional.hessian(torch.exp, x), "should contain a single element"),
        (lambda: functional.jacobian(lambda x: torch.ones(2), x, strict=True), "independent"),
        (lambda: functional.jacobian(torch.exp, 3), "type int"),
        (lambda: functional.jacobian(lambda x: 3, x), "must be a Tensor"),
        (lambda: functional.jvp(torch.exp, (x,), (x, x)), "invalid length"),
    ):
        with pytest.raises(RuntimeError, match=match):
            call()
    assert functional.jacobian(lambda x: torch.ones(2), x).tolist() == [[0] * 3] * 2


def test_anomaly_mode_names_the_line():
    def loss(x):
        return ((x * 0) / x).sum()  # 0 / 0

    x = torch.zeros(1, requires_grad=True)
    with torch.autograd.detect_anomaly():
        assert torch.is_anomaly_enabled()
        with pytest.raises(RuntimeError, match=r"'DivBackward0' returned nan.*test_gradcheck.py"):
            loss(x).backward()
    assert not torch.is_anomaly_enabled()
    loss(x).backward()
    assert x.grad.isnan().item()
    with torch.autograd.set_detect_anomaly(True), torch.autograd.detect_anomaly(check_nan=False):
        loss(x).backward()
    torch.autograd.set_detect_anomaly(True)
    assert torch.is_anomaly_enabled()
    torch.autograd.set_detect_anomaly(False)


def test_hook_over_several_gradients():
    a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    seen = []
    register = torch.autograd.graph.register_multi_grad_hook
    with register([a, b], lambda g: seen.append([t.item() for t in g])):
        (2 * a + 3 * b).sum().backward()
        (2 * a + 3 * b).sum().backward()
    (2 * a + 3 * b).sum().backward()
    assert seen == [[2, 3], [2, 3]]
    with pytest.raises(ValueError, match="all"):
        register([a], print, mode="some")
