"""torch.cpu.amp: old names of what `torch.amp` has."""

from __future__ import annotations

import importlib
from typing import Any

__path__: list[str] = []  # a package to the import system
__all__ = ["GradScaler", "autocast"]  # noqa: F822


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module("chainrule.amp").CPU[name]
    if name in ("autocast_mode", "grad_scaler"):
        return importlib.import_module(f"chainrule.amp.{name}")
    raise AttributeError(f"module 'chainrule.cpu.amp' has no attribute {name!r}")
