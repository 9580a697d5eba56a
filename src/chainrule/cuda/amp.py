"""torch.cuda.amp: old names of what `torch.amp` has, for GPUs."""

from __future__ import annotations

import importlib
from typing import Any

__path__: list[str] = []  # a package to the import system
__all__ = ["GradScaler", "amp_definitely_not_available", "autocast", "custom_bwd", "custom_fwd"]  # noqa: F822


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module("chainrule.amp").CUDA[name]
    if name in ("autocast_mode", "grad_scaler"):
        return importlib.import_module(f"chainrule.amp.{name}")
    raise AttributeError(f"module 'chainrule.cuda.amp' has no attribute {name!r}")
