"""Record files that torch writes: tests/recorded/files/{zip,legacy,module}.pt (needs torch)."""

import argparse
import collections
import pathlib
import warnings

import numpy as np
import torch

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "recorded" / "files"


def content():
    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 3)
    adam = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    adam.step()
    base = torch.arange(10.0)
    marked = torch.nn.Parameter(torch.tensor([7.0]))
    marked.note = "kept"
    return {
        "model": layer.state_dict(), "optimizer": adam.state_dict(), "parameter": layer.weight,
        "base": base, "view": base[2:8:2], "turned": torch.arange(6).reshape(2, 3).t(),
        "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
        "bfloat": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
        "complex": torch.tensor([1 + 2j], dtype=torch.complex64).conj(),
        "unsigned": torch.tensor([1, 65535], dtype=torch.uint16),
        "flags": torch.tensor([True, False]), "empty": torch.empty(0, 3),
        "number": torch.tensor(3), "leaf": torch.ones(2, requires_grad=True),
        "dtype": torch.float32, "device": torch.device("cpu"), "size": torch.Size([1, 2]),
        "marked": marked, "buffer": torch.nn.Buffer(torch.ones(2)),
        "set": {1, 2}, "counter": collections.Counter("aab"), "bytes": b"\x00\xff",
        "lists": collections.defaultdict(list, {"a": [1]}), "options": argparse.Namespace(lr=0.1),
        "array": np.arange(4.0).reshape(2, 2), "big": np.array([1, 2], ">i4"),
        "scalar": np.float64(2.5), "texts": np.array(["a", "bc"]), "none": None, "large": 2**70,
    }  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.save(content(), FOLDER / "zip.pt")
    torch.save(content(), FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU())
    torch.save(net, FOLDER / "module.pt")
