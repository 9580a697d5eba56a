"""Recurrent workloads: a layer over a sequence, and a cell called step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def lstm(module: Any, steps: int = 64, batch: int = 16) -> Callable[[], Any]:
    """A training step of an LSTM 64-128 with a linear layer on its last output, and SGD."""
    nn = module.nn
    module.manual_seed(0)
    layer, head = nn.LSTM(64, 128), nn.Linear(128, 10)
    optimizer = module.optim.SGD([*layer.parameters(), *head.parameters()], 0.1)
    x, y = module.randn(steps, batch, 64), module.randint(0, 10, (batch,))

    def run() -> None:
        optimizer.zero_grad()
        out, _ = layer(x)
        nn.functional.cross_entropy(head(out[-1]), y).backward()
        optimizer.step()

    return run


def lstm_cell(module: Any, steps: int = 32, batch: int = 16) -> Callable[[], Any]:
    """Forward and backward of an LSTMCell 64-128 called in a loop."""
    cell = module.nn.LSTMCell(64, 128)
    x = module.randn(steps, batch, 64)

    def run() -> None:
        state = None
        for row in x:
            state = cell(row, state)
        state[0].sum().backward()
        for p in cell.parameters():
            p.grad = None

    return run
