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


def written(module: str) -> str:
    """A module's name for files: torch's, where it is one of ours."""
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
