"""Gradients of complex numbers: torch's convention, every rule against differences, both orders."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.autograd import gradcheck, gradgradcheck


def z(*shape, seed=0):
    random = np.random.RandomState(seed)
    a = random.uniform(0.3, 2, shape) + 1j * random.uniform(-2, 2, shape)
    return torch.from_numpy(np.asarray(a)).requires_grad_()


def r(*shape, seed=1):
    return torch.from_numpy(np.random.RandomState(seed).uniform(0.3, 2, shape)).requires_grad_()


def square(*shape, seed=2):
    return (z(*shape, seed=seed) + 2 * torch.eye(shape[-1])).detach().requires_grad_()


def hermitian(*shape):
    a = square(*shape)
    return a @ a.mH + torch.eye(shape[-1])


ELEMENTWISE = ["abs", "angle", "sgn", "conj", "real", "imag", "view_as_real", "exp", "log", "sqrt",
               "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh",
               "acosh", "atanh", "sigmoid", "reciprocal", "square", "rsqrt", "log1p", "expm1",
               "neg", "cumsum0", "cumprod0"]  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_functions_of_one_number(name):
    f = getattr(torch, name.removesuffix("0"))
    g = (lambda x: f(x, 0)) if name.endswith("0") else f
    assert gradcheck(g, (z(4),))
    assert gradgradcheck(g, (z(4),))


CASES = {
    "mul": (lambda x, y: x * y, (z(3), z(2, 3))),
    "mul by real": (lambda x, y: x * y, (z(3), r(2, 3))),
    "div": (lambda x, y: x / y, (z(3), z(2, 3, seed=3))),
    "pow": (lambda x, y: x**y, (z(3), z(3, seed=3))),
    "complex number": (lambda x: x * (2 - 3j), (r(3),)),
    "complex": (torch.complex, (r(3), r(3, seed=4))),
    "polar": (torch.polar, (r(3), r(3, seed=4))),
    "view_as_complex": (torch.view_as_complex, (r(3, 2),)),
    "matmul": (torch.matmul, (z(2, 3), z(3, 2))),
    "vdot": (torch.vdot, (z(3), z(3, seed=3))),
    "sum, mean": (lambda x: (x.sum(0), x.mean(1)), (z(2, 3),)),
    "prod": (lambda x: x.prod(1), (z(2, 3),)),
    "var, std": (lambda x: (x.var(1), x.std(1)), (z(2, 3),)),
    "norm": (torch.norm, (z(2, 3),)),
    "norm 1": (lambda x: torch.linalg.vector_norm(x, 1), (z(3),)),
    "norm 3": (lambda x: torch.linalg.vector_norm(x, 3), (z(3),)),
    "norm inf": (lambda x: torch.linalg.vector_norm(x, float("inf")), (z(3),)),
    "nuclear": (lambda x: torch.linalg.matrix_norm(x, "nuc"), (z(2, 3),)),
    "to real": (lambda x: x.abs().to(torch.complex128).real, (z(3),)),
    "index": (lambda x: x[torch.tensor([0, 0, 2])], (z(3),)),
    "where": (lambda x, y: torch.where(torch.tensor([True, False, True]), x, y), (z(3), z(3))),
    "logsumexp": (lambda x: torch.logsumexp(x, 0), (z(3),)),
    "inv": (torch.linalg.inv, (square(3, 3),)),
    "solve": (torch.linalg.solve, (square(3, 3), z(3, 2))),
    "det": (torch.linalg.det, (square(3, 3),)),
    "slogdet": (torch.linalg.slogdet, (square(3, 3),)),
    "matrix_exp": (torch.matrix_exp, (square(2, 2),)),
    "cholesky": (lambda x: torch.linalg.cholesky(x @ x.mH + torch.eye(3)), (square(3, 3),)),
    "eigvalsh": (lambda x: torch.linalg.eigvalsh(x + x.mH), (square(3, 3),)),
    "eigh": (lambda x: torch.linalg.eigh(x + x.mH)[1].abs(), (square(3, 3),)),
    "svdvals": (torch.linalg.svdvals, (z(3, 2),)),
    "svd": (lambda x: [v.abs() for v in torch.linalg.svd(x, full_matrices=False)], (z(3, 2),)),
    "qr": (torch.linalg.qr, (z(3, 2),)),
    "qr, wide": (torch.linalg.qr, (z(2, 3),)),
    "pinv": (torch.linalg.pinv, (z(3, 2),)),
    "eigvals": (torch.linalg.eigvals, (square(3, 3),)),
    "eig": (lambda x: torch.linalg.eig(x)[1].abs(), (square(3, 3),)),
    "eig of real": (lambda x: torch.linalg.eigvals(x), (r(3, 3),)),
    "lu": (lambda x: torch.linalg.lu(x)[1:], (square(3, 3),)),
    "fft": (lambda x: torch.fft.fft(x, n=5), (z(2, 4),)),
    "fft of real": (lambda x: torch.fft.fft2(x, norm="ortho"), (r(2, 3),)),
    "rfft": (lambda x: torch.fft.rfft(x), (r(2, 5),)),
    "irfft": (lambda x: torch.fft.irfft(x, n=4), (z(2, 3),)),
    "irfft, odd": (lambda x: torch.fft.irfft(x, n=5), (z(2, 3),)),
    "hfft": (torch.fft.hfft, (z(3),)),
    "ihfft": (torch.fft.ihfft, (r(5),)),
    "irfftn": (lambda x: torch.fft.irfftn(x, s=(3, 4)), (z(3, 3),)),
    "stft": (lambda x: torch.stft(x, 4, window=torch.hann_window(4), return_complex=True), (r(8),)),
}


@pytest.mark.parametrize("name", CASES)
def test_functions_of_several(name):
    f, inputs = CASES[name]
    assert gradcheck(f, inputs)
    if name not in ("svd", "eig", "eigh"):
        assert gradgradcheck(f, inputs)


def test_the_gradient_is_the_direction_of_steepest_ascent():
    x = torch.tensor([3 + 4j, 1 - 2j], requires_grad=True)
    x.abs().square().sum().backward()
    assert x.grad.tolist() == pytest.approx([6 + 8j, 2 - 4j])
    x.grad = None
    (x * (1 + 2j)).real.sum().backward()
    assert x.grad.tolist() == [1 - 2j, 1 - 2j]


def test_hooks_functions_and_retained_gradients_see_the_same_convention():
    seen = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2j

        @staticmethod
        def backward(ctx, g):
            seen.append(g.tolist())
            return g * -2j

    x = torch.tensor([1 + 1j], requires_grad=True)
    middle = x * (1 + 1j)
    middle.retain_grad()
    middle.register_hook(lambda g: seen.append(g.tolist()))
    Double.apply(middle).backward(torch.tensor([1 + 0.5j]))
    assert seen == [[1 + 0.5j], [1 - 2j]]
    assert middle.grad.tolist() == [1 - 2j]
    assert x.grad.tolist() == [(1 - 2j) * (1 - 1j)]


def test_a_real_input_gets_a_real_gradient():
    x = torch.tensor([2.0], requires_grad=True)
    (x * (3 + 4j)).abs().backward()
    assert x.grad.dtype == torch.float32
    assert x.grad.tolist() == [5.0]


def test_writes_through_the_parts_reach_the_graph():
    a = torch.tensor([1 + 2j], requires_grad=True)
    b = a * 1
    b.real.mul_(3)
    b.imag.mul_(5)
    b.backward(torch.tensor([1 + 1j]))
    assert b.tolist() == [3 + 10j]
    assert a.grad.tolist() == [3 + 5j]


def test_a_complex_scalar_needs_an_upstream_gradient():
    x = torch.tensor(1 + 2j, requires_grad=True)
    with pytest.raises(
        RuntimeError, match=r"only for real scalar outputs but got torch\.complex64"
    ):
        (x * x).backward()


def test_integers_still_cannot_require_gradients():
    with pytest.raises((RuntimeError, TypeError), match="floating point and complex dtype"):
        torch.tensor([1]).requires_grad_()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Rprop", "LBFGS"])
def test_optimisers_treat_the_parts_as_two_real_numbers(name):
    start = np.array([1 + 2j, -1 + 0.5j])
    parameters = [torch.from_numpy(start.copy()), torch.from_numpy(start.view(float).copy())]
    for p in parameters:
        p.requires_grad_()
        optimizer = getattr(torch.optim, name)([p], lr=0.1)
        for _ in range(3):

            def closure(p=p, optimizer=optimizer):
                optimizer.zero_grad()
                z = p if p.is_complex() else torch.view_as_complex(p.view(2, 2))
                loss = (z * (1 + 2j) - 3).abs().square().sum()
                loss.backward()
                return loss

            optimizer.step(closure)
    ours, real = (p.detach().numpy() for p in parameters)
    np.testing.assert_allclose(ours.view(float), real, 1e-12)
