"""Memory that processes share."""

import multiprocessing
import os
import pathlib
import pickle
import subprocess
import sys

import pytest

import chainrule as torch
from chainrule import nn

PROGRAM = """
import multiprocessing
import sys

import chainrule as torch
from chainrule import nn


def add(net, counts, row):
    with torch.no_grad():
        net.weight.add_(1)
    counts[1] += 5
    row.fill_(7)


if __name__ == "__main__":
    net = nn.Linear(2, 1).share_memory()
    before = net.weight.detach().clone()
    counts = torch.zeros(2, 3, dtype=torch.int64).t().share_memory_()
    assert counts.is_shared() and counts.stride() == (1, 3) and counts[1].is_shared()
    assert net.weight.is_shared() and net.weight.requires_grad and net.weight.is_leaf
    context = multiprocessing.get_context(sys.argv[1])
    process = context.Process(target=add, args=(net, counts, counts[2, 1:]))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert torch.equal(net.weight, before + 1)
    assert counts.tolist() == [[0, 0], [5, 5], [0, 7]]
    queue = context.SimpleQueue()
    queue.put(counts)
    queue.get()[0, 0] = 3
    assert counts[0, 0] == 3
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_write_what_they_share(method, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    (tmp_path / "program.py").write_text(PROGRAM)
    source = str(pathlib.Path(torch.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "program.py", method], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_copies_are_not_shared():
    x = torch.ones(3).share_memory_()
    assert x.share_memory_() is x
    assert x.untyped_storage().is_shared() and x.data.is_shared() and x[1:].is_shared()
    assert not x.clone().is_shared() and not torch.ones(3).is_shared()
    assert not pickle.loads(pickle.dumps(x)).is_shared()
    assert torch.zeros(0, 2).share_memory_().shape == (0, 2)
    assert torch.tensor(3.0).share_memory_().item() == 3


def test_shared_parameters_train():
    net = nn.Linear(2, 1).share_memory()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    weight = net.weight.detach()
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert net.weight.is_shared() and torch.equal(weight, net.weight)
