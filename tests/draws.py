"""Every way of drawing random numbers, written once for torch and for chainrule.

`CALLS` maps a name to a function of the framework that returns the tensors drawn after seeding.
Names that start with "exact" must give the same bits everywhere; the others go through log, cos
or exp of the C library and may differ by a unit in the last place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZES = (1, 7, 15, 16, 17, 100, 10007)
SEEDS = (0, 1337, 2**40 + 3, -1)
CALLS: dict[str, Callable[[Any], Any]] = {}


def calls(name: str, function: Callable[[Any], Any]) -> None:
    assert name not in CALLS
    CALLS[name] = function


def strided(torch: Any, kind: str) -> Any:
    """Memory that is not contiguous."""
    if kind == "transposed":
        return torch.from_numpy(np.zeros((4, 5), np.float32).T)
    if kind == "sliced":
        return torch.from_numpy(np.zeros((10, 12), np.float32)[:, ::3])
    return torch.from_numpy(np.zeros((4, 6, 5), np.float32).transpose(2, 0, 1))


def floating(dtype: str, n: int) -> None:
    """Floating-point draws of n elements."""

    def d(torch: Any) -> Any:
        return getattr(torch, dtype)

    def e(torch: Any) -> Any:
        return torch.empty(n, dtype=d(torch))

    exact, tag = ("exact" if dtype == "float32" else "close"), f"{dtype}/{n}"
    calls(f"exact/rand/{tag}", lambda t: t.rand(n, dtype=d(t)))
    calls(f"exact/uniform_/{tag}", lambda t: [e(t).uniform_(-1, 1), e(t).uniform_(0.1, 0.7)])
    calls(f"{exact if n >= 16 else 'close'}/randn/{tag}", lambda t: t.randn(n, dtype=d(t)))
    calls(f"{exact if n >= 16 else 'close'}/normal_/{tag}", lambda t: e(t).normal_(0.3, 1.7))
    calls(f"close/exponential_/{tag}", lambda t: e(t).exponential_(0.7))
    calls(f"exact/bernoulli_/{tag}", lambda t: e(t).bernoulli_(0.3))
    calls(f"exact/bernoulli/{tag}", lambda t: t.bernoulli(t.rand(n, dtype=d(t))))
    if n in (7, 100):
        calls(f"close/geometric_/{tag}", lambda t: e(t).geometric_(0.3))
        calls(f"close/cauchy_/{tag}", lambda t: e(t).cauchy_(0.3, 1.7))
        calls(f"close/log_normal_/{tag}", lambda t: e(t).log_normal_(0.3, 1.2))
        calls(f"exact/random_/{tag}", lambda t: [e(t).random_(), e(t).random_(2**30),
                                                 e(t).random_(-5, 5)])  # fmt: skip
        calls(f"close/normal tensors/{tag}", lambda t: [
            t.normal(t.rand(n, dtype=d(t)), t.rand(n, dtype=d(t))),
            t.normal(t.rand(n, dtype=d(t)), 2.0), t.normal(1.5, t.rand(n, dtype=d(t))),
        ])  # fmt: skip
        calls(f"exact/multinomial/{tag}", lambda t: [
            t.multinomial(t.rand(n, dtype=d(t)), 1), t.multinomial(t.rand(3, n, dtype=d(t)), 5),
            t.multinomial(t.rand(2, n, dtype=d(t)), 20, replacement=True),
        ])  # fmt: skip
        calls(f"exact/poisson/{tag}", lambda t: t.poisson(t.rand(n, dtype=d(t)) * 30))
        calls(f"exact/binomial/{tag}", lambda t: t.binomial(
            e(t).random_(0, 100), t.rand(n, dtype=d(t))))  # fmt: skip


for _dtype in ("float32", "float64"):
    for _n in SIZES:
        floating(_dtype, _n)
for _dtype in ("float16", "bfloat16"):
    for _n in (7, 17):
        floating(_dtype, _n) if _n == 17 else None


def whole(dtype: str) -> None:
    """Draws of whole numbers."""

    def e(torch: Any) -> Any:
        return torch.empty(33, dtype=getattr(torch, dtype))

    calls(f"exact/integers/{dtype}", lambda t: [
        e(t).random_(), e(t).random_(2), e(t).bernoulli_(0.3),
        t.randint(2, (9,), dtype=getattr(t, dtype)),
    ])  # fmt: skip


for _dtype in ("int64", "int32", "int16", "int8", "uint8", "bool"):
    whole(_dtype)
for _span in (2, 1000, 2**28 - 1, 2**28, 2**32, 2**62):
    calls(f"exact/randint/{_span}", lambda t, span=_span: [
        t.randint(span, (17,)), t.randint(-span, span, (17,)), t.randint(span, (10007,))
    ])  # fmt: skip
calls("exact/random_/all 64 bits", lambda t: t.empty(9, dtype=t.int64).random_(-(2**63), None))
for _n in (0, 1, 2, 17, 1000, 10007):
    calls(f"exact/randperm/{_n}", lambda t, n=_n: t.randperm(n))
for _kind in ("transposed", "sliced", "permuted"):
    calls(f"exact/strided/{_kind}", lambda t, k=_kind: [
        strided(t, k).uniform_(), strided(t, k).bernoulli_(0.4), t.rand_like(strided(t, k)),
        t.randint_like(strided(t, k), 3, 9),
    ])  # fmt: skip
    calls(f"close/strided/{_kind}", lambda t, k=_kind: [
        strided(t, k).normal_(1, 2), t.randn_like(strided(t, k))])  # fmt: skip
calls("close/mixed", lambda t: [
    t.randn(3), t.rand(5), t.randn(1), t.randint(9, (3,)), t.randn(20), t.randn(2), t.randperm(5),
    t.randn(700, dtype=t.float64), t.empty(3).exponential_(), t.randn(1),
])  # fmt: skip
calls("close/complex", lambda t: [t.randn(5, dtype=t.complex64), t.randn(20, dtype=t.complex64)])
calls("exact/generator", lambda t: [
    t.rand(3, generator=t.Generator().manual_seed(3)), t.rand(3, generator=t.Generator()),
    t.rand(2),
])  # fmt: skip


# ---- nn.init ---------------------------------------------------------------------------------

RANDOM_INITS = (
    "uniform_", "normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
    "kaiming_normal_", "trunc_normal_", "orthogonal_",
)  # fmt: skip
SHAPES = ((3, 5), (16, 8), (8, 4, 3, 3))


def initial(name: str, shape: tuple[int, ...], dtype: str, *args: Any, **kwargs: Any) -> None:
    kind = "exact" if "uniform" in name else "close"
    tag = ",".join([*map(str, args), *(f"{k}={v}" for k, v in kwargs.items())])
    calls(f"{kind}/init/{name}({tag})/{dtype}/{'x'.join(map(str, shape))}",
          lambda t: getattr(t.nn.init, name)(
              t.empty(*shape, dtype=getattr(t, dtype)), *args, **kwargs))  # fmt: skip


for _dtype in ("float32", "float64"):
    for _shape in SHAPES:
        for _name in RANDOM_INITS:
            initial(_name, _shape, _dtype)
        initial("constant_", _shape, _dtype, 0.3)
        initial("kaiming_normal_", _shape, _dtype, a=0.2, mode="fan_out")
        initial("kaiming_uniform_", _shape, _dtype, nonlinearity="relu")
        initial("trunc_normal_", _shape, _dtype, 0.0, 0.02, -0.03, 0.03)
        initial("trunc_normal_", _shape, _dtype, 0.0, 1.0, 1.0, 2.0)
        initial("orthogonal_", _shape, _dtype, 2.0)
        if len(_shape) == 2:
            initial("eye_", _shape, _dtype)
            initial("sparse_", _shape, _dtype, 0.4)
        else:
            initial("dirac_", _shape, _dtype)
            initial("dirac_", _shape, _dtype, 2)


def seed_of(name: str) -> int:
    return SEEDS[sum(map(ord, name)) % len(SEEDS)]


def as_array(tensor: Any) -> np.ndarray:
    """The values as NumPy has them; bfloat16 as float32."""
    tensor = tensor.detach()
    if str(tensor.dtype) == "torch.bfloat16":
        tensor = tensor.float()
    return np.asarray(tensor.numpy())


def draw(torch: Any, name: str) -> list[np.ndarray]:
    """What the call gives after seeding, and three numbers drawn then: they tell the state."""
    torch.manual_seed(seed_of(name))
    drawn = CALLS[name](torch)
    tensors = list(drawn) if isinstance(drawn, (list, tuple)) else [drawn]
    after = [torch.randint(2**20, (2,)), torch.randn(1, dtype=torch.float64)]
    return [as_array(t) for t in (*tensors, *after)]


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Many small arrays as one: their bytes end to end, and an index."""
    index = [(key, a.dtype.str, a.shape) for key, a in arrays.items()]
    data = b"".join(np.ascontiguousarray(a).tobytes() for a in arrays.values())
    np.savez_compressed(path, index=np.frombuffer(json.dumps(index).encode(), np.uint8),
                        data=np.frombuffer(data, np.uint8))  # fmt: skip


def load(path: Path) -> dict[str, np.ndarray]:
    """What `save` wrote."""
    arrays, offset = {}, 0
    with np.load(path) as file:
        index, data = json.loads(file["index"].tobytes()), file["data"].tobytes()
    for key, dtype, shape in index:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[key] = np.frombuffer(data, dtype, count, offset).reshape(shape)
        offset += arrays[key].nbytes
    return arrays
