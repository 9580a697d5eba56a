"""Elementwise functions spread over threads give the same bits as in one piece."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.backend import numpy as backend
from chainrule.backend import threads

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
