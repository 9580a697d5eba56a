"""The workloads: each makes two functions that do the same work, ours and the peer's."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.networks import dcgan, resnet20
from bench.recurrent import lstm, lstm_cell
from bench.transformers import gpt


@dataclasses.dataclass
class Work:
    """A workload: its name, peer ("torch" or "numpy"), the ratio aimed at, and how to make it."""

    name: str
    peer: str
    goal: float
    make: Callable[[], tuple[Callable[[], Any], Callable[[], Any]]]
    memory: bool = False


def ours() -> Any:
    import chainrule

    return chainrule


def torch() -> Any:
    import torch

    return torch


def chain(module: Any) -> Callable[[], Any]:
    """200 small ops on 4 elements, forward and backward."""
    w = module.ones(4, requires_grad=True)

    def run() -> None:
        y = w
        for _ in range(50):
            y = ((y * w + w) * 0.5).tanh()
        y.sum().backward()
        w.grad = None

    return run


def two_layer(module: Any) -> Callable[[], Any]:
    """A step of the lectures' two-layer net (64x1000x100x10, sigmoid, squared error)."""
    r = np.random.RandomState(0)
    x, y = (module.from_numpy(a.astype("float32")) for a in (r.randn(64, 1000), r.randn(64, 10)))
    w1 = module.from_numpy(r.randn(1000, 100).astype("float32")).requires_grad_()
    w2 = module.from_numpy(r.randn(100, 10).astype("float32")).requires_grad_()

    def run() -> None:
        h = (x @ w1).sigmoid()
        loss = ((h @ w2 - y) ** 2).sum()
        loss.backward()
        with module.no_grad():
            w1.sub_(w1.grad * 1e-6)
            w2.sub_(w2.grad * 1e-6)
        w1.grad = w2.grad = None

    return run


def two_layer_numpy() -> Callable[[], Any]:
    """The same step as the lectures write it by hand."""
    r = np.random.RandomState(0)
    x, y = (a.astype("float32") for a in (r.randn(64, 1000), r.randn(64, 10)))
    w1, w2 = r.randn(1000, 100).astype("float32"), r.randn(100, 10).astype("float32")

    def run() -> None:
        nonlocal w1, w2
        with np.errstate(all="ignore"):
            h = 1 / (1 + np.exp(-x.dot(w1)))
            y_pred = h.dot(w2)
            np.square(y_pred - y).sum()
            grad_y_pred = 2.0 * (y_pred - y)
            grad_w2 = h.T.dot(grad_y_pred)
            grad_h = grad_y_pred.dot(w2.T)
            grad_w1 = x.T.dot(grad_h * h * (1 - h))
            w1 -= 1e-6 * grad_w1
            w2 -= 1e-6 * grad_w2

    return run


def mlp(module: Any, batch: int = 128) -> Callable[[], Any]:
    """A full step of a 784-256-128-10 network with Adam."""
    nn = module.nn
    module.manual_seed(0)
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(),
                        nn.Linear(128, 10))  # fmt: skip
    optimizer = module.optim.Adam(net.parameters(), 1e-3)
    x, y = module.randn(batch, 784), module.randint(0, 10, (batch,))
    loss_function = nn.CrossEntropyLoss()

    def run() -> None:
        optimizer.zero_grad()
        loss_function(net(x), y).backward()
        optimizer.step()

    return run


def elementwise(what: str) -> Callable[[Any], Callable[[], Any]]:
    """One elementwise expression on 10^6 float32, forward and backward."""

    def make(module: Any) -> Callable[[], Any]:
        r = np.random.RandomState(0)
        x, y, z, g = (module.from_numpy(r.randn(1_000_000).astype("float32")) for _ in range(4))
        for t in (x, y, z):
            t.requires_grad_()

        def run() -> None:
            out = x * y + z if what == "x*y+z" else getattr(x, what)()
            out.backward(g)
            x.grad = y.grad = z.grad = None

        return run

    return make


def both(make: Callable[[Any], Callable[[], Any]]) -> Callable[[], Any]:
    return lambda: (make(ours()), make(torch()))


PEAK = """
import ctypes, sys
sys.path.insert(0, {here!r})
import {module} as module, {module}.nn, {module}.optim
from bench.workloads import mlp

def status(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024

run = mlp(module, {batch})
mlp(module, 1)()  # what the library loads at its first step does not count
ctypes.CDLL(None).malloc_trim(0)  # freed memory that the library keeps is no head start
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # forget the peak so far
before = status("VmRSS")
for _ in range(3):
    run()
print(status("VmHWM") - before)
"""


def memory(work: Work) -> dict[str, float]:
    """Peak memory that three steps add, in processes of their own (Linux)."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

    def measure(module: str) -> float:
        code = PEAK.format(here=here, module=module, batch=16384)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return float(json.loads(done.stdout))

    pairs = [(measure("chainrule"), measure("torch")) for _ in range(3)]
    ratios = sorted(a / b for a, b in pairs)
    a, b = sorted(pairs, key=lambda p: p[0] / p[1])[1]
    return {"ours_us": a, "peer_us": b, "ratio": ratios[1], "low": ratios[0], "high": ratios[2],
            "rounds": 3}  # fmt: skip


ALL = [
    Work("chain of 200 small ops, 4 elements", "torch", 0.6, both(chain)),
    Work("two-layer net, 64x1000x100x10", "numpy", 1.15,
         lambda: (two_layer(ours()), two_layer_numpy())),
    Work("two-layer net, 64x1000x100x10", "torch", 1.0, both(two_layer)),
    Work("MLP 784-256-128-10, batch 128, Adam", "torch", 1.0, both(mlp)),
    *(Work(f"elementwise 10^6 float32: {what}", "torch", 1.5, both(elementwise(what)))
      for what in ("x*y+z", "sigmoid", "tanh", "exp")),
    Work("ResNet-20, 64x3x32x32, SGD with momentum", "torch", 1.3, both(resnet20)),
    Work("DCGAN 32x32, batch 64, Adam", "torch", 1.5, both(dcgan)),
    Work("char-GPT, 4x128, context 64, AdamW", "torch", 1.3, both(gpt)),
    Work("LSTM 64-128, 64 steps, batch 16, SGD", "torch", 1.3, both(lstm)),
    Work("LSTMCell 64-128, 32 calls, batch 16", "torch", 1.0, both(lstm_cell)),
    Work("MLP step, batch 16384: peak memory", "torch", 1.0, both(mlp), memory=True),
]  # fmt: skip
