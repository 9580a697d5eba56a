"""What things are called in a file: torch's names for dtypes, storages and classes, and ours."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from chainrule import dtypes

STORAGES = {
    "FloatStorage": dtypes.float32, "DoubleStorage": dtypes.float64, "HalfStorage": dtypes.float16,
    "BFloat16Storage": dtypes.bfloat16, "LongStorage": dtypes.int64, "IntStorage": dtypes.int32,
    "ShortStorage": dtypes.int16, "CharStorage": dtypes.int8, "ByteStorage": dtypes.uint8,
    "BoolStorage": dtypes.bool, "ComplexFloatStorage": dtypes.complex64,
    "ComplexDoubleStorage": dtypes.complex128,
}  # fmt: skip
STORAGE_OF = {np.dtype(d.dtype): name for name, d in STORAGES.items()}
OURS, THEIRS = "chainrule", "torch"


class Name:
    """A global name as a pickle writes it; nothing is imported for it."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.__name__ = module, name

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"{self.module}.{self.__name__} stands for a name in a file")


# Where torch keeps what stands elsewhere here: by module, or by class.
HOMES = {
    "nn.modules.rnn_cells": "nn.modules.rnn", "ChannelShuffle": "nn.modules.channelshuffle",
    "MultiheadAttention": "nn.modules.activation", "LazyLinear": "nn.modules.linear",
    "NonDynamicallyQuantizableLinear": "nn.modules.linear", "ASGD": "optim.asgd",
    "Adadelta": "optim.adadelta", "Adagrad": "optim.adagrad", "AdamW": "optim.adamw",
    "Adamax": "optim.adamax", "NAdam": "optim.nadam", "RAdam": "optim.radam",
    "Adafactor": "optim", "Muon": "optim",
}  # fmt: skip
for _kind, _home in (("BatchNorm", "batchnorm"), ("InstanceNorm", "instancenorm"),
                     ("Conv", "conv"), ("ConvTranspose", "conv")):  # fmt: skip
    HOMES |= {f"Lazy{_kind}{d}d": f"nn.modules.{_home}" for d in (1, 2, 3)}


def written(module: str, name: str = "") -> str:
    """A module's name for files: torch's, where it is one of ours."""
    inner = module[len(OURS) + 1 :]
    if module.startswith(OURS + ".optim.lr_scheduler."):
        return THEIRS + ".optim.lr_scheduler"
    if module.startswith(OURS + ".nn.functional."):
        return THEIRS + ".nn.functional"
    if module.startswith(OURS + ".functional"):
        return THEIRS
    if module.startswith(OURS + ".") and (inner in HOMES or name in HOMES):
        return f"{THEIRS}.{HOMES.get(inner) or HOMES[name]}"
    if module == OURS or module.startswith(OURS + "."):
        return THEIRS + module[len(OURS):]  # fmt: skip
    return module


def ours(module: str, name: str) -> Any:
    """The object of ours that torch calls `module.name`, or None.

    The module may be imported: it is part of this package.  Classes are looked for in the file
    that torch keeps them in, and then where they are public.
    """
    if module != THEIRS and not module.startswith(THEIRS + ".") and not module.startswith(OURS):
        return None
    if module == "torch._C._nn":  # where torch keeps those functions that it has in C++
        module = "torch.nn.functional"
    here = OURS + module[len(THEIRS):] if module.startswith(THEIRS) else module  # fmt: skip
    parts = here.split(".")
    for end in range(len(parts), 1, -1):
        path = ".".join(parts[:end])
        if any(not p.isidentifier() or p == "__main__" for p in parts):
            return None
        home = sys.modules.get(path)
        if home is None:
            try:
                home = importlib.import_module(path)
            except ImportError:
                continue
        found = getattr(home, name, None)
        if found is not None:
            return found
    return None
