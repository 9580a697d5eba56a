"""Elementwise functions spread over threads give the same bits as in one piece."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.backend import blas, threads
from chainrule.backend import numpy as backend

NAMES = ("exp", "log", "sin", "cos", "tanh", "sigmoid")


@pytest.fixture
def three_threads():
    before = threads.thread_count()
    threads.set_thread_count(3)
    yield
    threads.set_thread_count(before)


@pytest.mark.parametrize("size", [threads.LARGE, threads.LARGE + 7, 5 * threads.LARGE + 1])
@pytest.mark.parametrize("name", NAMES)
def test_the_same_bits(name, size, three_threads):
    x = np.random.RandomState(0).uniform(0.1, 9, size).astype("float32")
    function = getattr(backend, name)
    assert (function(x) == function.__wrapped__(x)).all()
    assert (function(x[::2]) == function.__wrapped__(x[::2])).all()  # not contiguous: one piece


def test_gradients_of_large_tensors_are_those_of_their_parts(three_threads):
    x = torch.linspace(-4, 4, 2 * threads.LARGE).requires_grad_()
    part = x.detach()[-100:].clone().requires_grad_()
    for f in (torch.sigmoid, torch.tanh, torch.exp):
        (whole,) = torch.autograd.grad(f(x).sum(), x)
        (some,) = torch.autograd.grad(f(part).sum(), part)
        assert (whole[-100:] == some).all()


def test_set_num_threads_reaches_here():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    assert threads.thread_count() == 2
    torch.set_num_threads(before)


# ---- matrix products ---------------------------------------------------------------------------

SHAPES = [(3, 4, 5), (1, 1 << 18, 2), (300, 100, 300), (4096, 64, 32), (32, 64, 4096), (0, 5, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("turned", [False, True])
def test_divided_products_are_products(shape, turned, three_threads, monkeypatch):
    monkeypatch.setattr(blas, "WORTH", blas.DIVIDED)
    m, k, n = shape
    draw = np.random.RandomState(0)
    x, y = draw.randn(m, k), draw.randn(k, n)
    if turned:
        x, y = np.asfortranarray(x), np.asfortranarray(y)
    out = np.empty((m, n))
    np.testing.assert_allclose(blas.product(x, y), x @ y, atol=1e-9)
    assert blas.product(x, y, out) is out
    np.testing.assert_allclose(out, x @ y, atol=1e-9)


def test_blocks_restore_the_threads_of_the_library():
    if not blas.look():
        pytest.skip("NumPy has another library than OpenBLAS")
    before = blas.Blas.ask()
    blas.Blas.change(2)
    try:
        with blas.SINGLE:
            with blas.SINGLE:
                assert blas.Blas.ask() == 1
            assert blas.Blas.ask() == 1
        assert blas.Blas.ask() == 2
        with pytest.raises(ZeroDivisionError), blas.SINGLE:
            1 / 0  # noqa: B018
        assert blas.Blas.ask() == 2 and blas.Blas.alone == 0
    finally:
        blas.Blas.change(before)


def test_products_of_several_threads_at_once():
    from concurrent.futures import ThreadPoolExecutor

    x = np.random.RandomState(0).randn(400, 400)
    want = x @ x
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda _: blas.product(x, x), range(40)):
            np.testing.assert_allclose(got, want, atol=1e-9)
    assert blas.Blas.alone == 0
