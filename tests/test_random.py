"""Random numbers are torch's: values, and the state of the generator after each call."""

from __future__ import annotations

import copy
import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

import chainrule as torch
import draws
from chainrule.backend import numpy_random
from chainrule.errors import ArgumentError, DeviceError, DtypeError, GraphError, ShapeError

RECORDED = draws.load(Path(__file__).parent / "recorded" / "random.npz")


def same(name: str, got: np.ndarray, expected: np.ndarray, exact: bool) -> None:
    assert got.dtype == expected.dtype, name
    assert got.shape == expected.shape, name
    if exact:
        np.testing.assert_array_equal(got, expected, err_msg=name)
    elif got.dtype.kind in "fc":
        eps = np.finfo(got.dtype).eps
        loose = 64 if "cauchy" in name or "normal" in name else 2  # tan and mean + std * z cancel
        if "orthogonal" in name:
            loose = 128
        np.testing.assert_allclose(got, expected, rtol=loose * eps, atol=loose * eps, err_msg=name)
    else:
        np.testing.assert_array_equal(got, expected, err_msg=name)


@pytest.mark.parametrize("name", draws.CALLS)
@pytest.mark.filterwarnings("ignore:.*out of bounds", "ignore:mean is more than 2 std")
def test_values_and_state_are_torchs(name):
    exact = name.startswith("exact")
    results = draws.draw(torch, name)
    last = len(results) - 2  # the two draws that tell the state
    for i, got in enumerate(results):
        key = f"{name}#{i}"
        if got.size > 1000:
            if exact:
                crc = zlib.crc32(np.ascontiguousarray(got).tobytes())
                assert crc == RECORDED[f"{key}#crc"], key
            got = np.ascontiguousarray(got).reshape(-1)[::197]
        same(key, got, RECORDED[key], exact and i < last)


def test_the_default_generator_is_the_one_that_draws():
    torch.default_generator.manual_seed(5)
    first = torch.rand(3)
    assert torch.default_generator.initial_seed() == torch.initial_seed() == 5
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), first)
    again = torch.Generator().manual_seed(5)
    assert torch.equal(torch.rand(3, generator=again), first)


def test_state_is_torchs_bytes():
    torch.manual_seed(1337)
    np.testing.assert_array_equal(torch.get_rng_state().numpy(), RECORDED["state/seeded"])
    torch.randn(3)
    torch.rand(700)
    state = torch.get_rng_state().numpy()
    cached = slice(5024, 5032)  # a float64 that went through log, sin and sqrt
    got, want = state[cached].view(np.float64), RECORDED["state/later"][cached].view(np.float64)
    np.testing.assert_allclose(got, want, rtol=1e-15)
    state[cached] = RECORDED["state/later"][cached]
    np.testing.assert_array_equal(state, RECORDED["state/later"])


def test_goes_on_from_torchs_state():
    torch.set_rng_state(torch.from_numpy(RECORDED["state/later"].copy()))
    assert torch.initial_seed() == 1337
    np.testing.assert_array_equal(torch.randn(20).numpy(), RECORDED["state/next"])


@pytest.mark.parametrize("before", [0, 1, 2, 311, 312, 623, 624, 625])
def test_state_round_trip(before):
    g = torch.Generator().manual_seed(5)
    torch.rand(before, generator=g)
    torch.randn(1, generator=g)
    state = g.get_state()
    a = [torch.randn(3, generator=g), torch.rand(7, generator=g)]
    for other in (torch.Generator().set_state(state), copy.deepcopy(g.set_state(state)),
                  pickle.loads(pickle.dumps(g.set_state(state))), g.clone_state()):  # fmt: skip
        assert other.initial_seed() == 5
        b = [torch.randn(3, generator=other), torch.rand(7, generator=other)]
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_seed_differs_each_time():
    g = torch.Generator()
    assert g.initial_seed() == 67280421310721
    assert g.seed() != g.seed()
    assert torch.seed() == torch.initial_seed()


def test_fork_rng_leaves_no_trace():
    torch.manual_seed(3)
    expected = torch.rand(4).numpy()
    torch.manual_seed(3)
    with torch.random.fork_rng():
        torch.randn(11)
        torch.manual_seed(8)
    np.testing.assert_array_equal(torch.rand(4).numpy(), expected)
    with torch.random.fork_rng(enabled=False):
        torch.manual_seed(8)
    assert torch.initial_seed() == 8


def test_float32_normals_have_the_right_moments_and_no_infinities():
    torch.manual_seed(0)
    x = torch.randn(200_000).numpy().astype(np.float64)
    assert np.isfinite(x).all()
    assert abs(x.mean()) < 0.01 and abs(x.std() - 1) < 0.01
    assert abs((x**3).mean()) < 0.03 and abs((x**4).mean() - 3) < 0.06


def test_uniform_edges_give_finite_normals():
    u = np.array([[0.0] * 16, [1 - 2.0**-24] * 16], np.float32)
    out = numpy_random.normal_blocks32(u, 0.0, 1.0)
    assert np.isfinite(out).all() and (out[0] == 0).all()


def test_fused_multiply_add_rounds_once():
    a = np.array([1 + 2.0**-30, 1 / 3, 0.1, 1e-300])
    got = numpy_random.fma(a, 1 + 2.0**-30, -1.0)
    assert got[0] == 2.0**-29 + 2.0**-60  # the plain product would have lost 2^-60
    np.testing.assert_allclose(got, a * (1 + 2.0**-30) - 1.0, atol=1e-15)


def test_in_place_draws_belong_to_the_graph():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    version = y._version
    y.normal_()
    assert y._version == version + 1 and y.requires_grad
    (y * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0, 0, 0])
    with pytest.raises(GraphError, match="leaf Variable that requires grad"):
        x.uniform_()


@pytest.mark.parametrize("function", ["bernoulli", "poisson", "normal"])
def test_gradients_of_samples_are_zero(function):
    p = torch.tensor([0.2, 0.7], requires_grad=True)
    sample = getattr(torch, function)(p)
    assert sample.requires_grad
    sample.sum().backward()
    np.testing.assert_array_equal(p.grad.numpy(), [0, 0])


ERRORS = [
    (lambda: torch.manual_seed(2**64), ValueError, "Overflow when unpacking"),
    (lambda: torch.set_rng_state(torch.zeros(3)), TypeError, "must be a torch.ByteTensor"),
    (lambda: torch.set_rng_state(torch.zeros(3, dtype=torch.uint8)), RuntimeError, "wrong size"),
    (lambda: torch.Generator("cuda"), DeviceError, "no random generators"),
    (lambda: torch.rand(2, generator=3), TypeError, "must be a torch.Generator"),
    (lambda: torch.bernoulli(torch.tensor([2.0])), RuntimeError, "p_in <= 1"),
    (lambda: torch.empty(2).bernoulli_(1.5), RuntimeError, r"p to be in \[0, 1\], but got p=1.5"),
    (lambda: torch.empty(2).uniform_(2, 1), RuntimeError, "found from=2 > to=1"),
    (lambda: torch.empty(2).uniform_(0, float("inf")), RuntimeError, "to is out of bounds"),
    (lambda: torch.empty(2).normal_(0, -1), RuntimeError, "std >= 0.0, but found std -1"),
    (lambda: torch.normal(torch.zeros(1), torch.tensor([-1.0])), RuntimeError, "all elements"),
    (lambda: torch.normal(0.0, 1.0), TypeError, "invalid combination"),
    (lambda: torch.randint(5, 5, (2,)), RuntimeError, "from=5 >= to=5"),
    (lambda: torch.randint(0, 3), TypeError, "'size'"),
    (lambda: torch.randint(300, (2,), dtype=torch.uint8), RuntimeError, "to - 1 is out of bounds"),
    (lambda: torch.rand(2, dtype=torch.int64), NotImplementedError, "not implemented for 'Long'"),
    (lambda: torch.randperm(-1), RuntimeError, "negative dimension -1"),
    (lambda: torch.randperm(300, dtype=torch.uint8), RuntimeError, "without overflow"),
    (lambda: torch.multinomial(torch.ones(2), 3), RuntimeError, "without replacement"),
    (lambda: torch.multinomial(torch.tensor([-1.0, 1]), 1), RuntimeError, "element < 0"),
    (lambda: torch.multinomial(torch.tensor([-1.0, 1]), 2, True), RuntimeError, "entry < 0"),
    (lambda: torch.multinomial(torch.zeros(2), 1), RuntimeError, "sum of probabilities <= 0"),
    (lambda: torch.multinomial(torch.tensor([0, 1]), 1), DtypeError, "only supports floating"),
    (lambda: torch.multinomial(torch.ones(1, 2, 3), 1), ShapeError, "must be 1 or 2 dim"),
    (lambda: torch.empty(2).exponential_(-1.0), RuntimeError, "lambda > 0.0, but found lambda=-1"),
    (lambda: torch.empty(2).geometric_(1.0), RuntimeError, r"p to be in \(0, 1\), but got p=1"),
    (lambda: torch.empty(2).cauchy_(0, -1), RuntimeError, "sigma > 0.0"),
    (lambda: torch.empty(2).log_normal_(0, -1), RuntimeError, "std > 0.0"),
    (lambda: torch.poisson(torch.tensor([-1.0])), ArgumentError, "non-negative"),
    (lambda: torch.empty(2, dtype=torch.int64).random_(5, 3), RuntimeError, "from=5 >= to=3"),
    (lambda: torch.empty(2, dtype=torch.int64).cauchy_(), RuntimeError, "continuous probability"),
]


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
