"""Classes say `torch.nn.modules.linear.Linear` while chainrule answers to the name torch.

Programs print `type(x)`, compare `type(x).__module__` and pickle by these names; chainrule's own
names come back with `restore`.
"""

from __future__ import annotations

import sys
from typing import Any

import chainrule

PACKAGES = ("nn", "optim", "autograd", "distributions", "utils", "amp", "cuda", "sparse", "jit")
RENAMED: list[tuple[Any, str]] = []


def rename_known() -> None:
    """Torch's module names for the root's types and for all packages loaded so far."""
    for value in list(vars(chainrule).values()):
        if getattr(value, "__module__", "").startswith("chainrule.") and isinstance(value, type):
            rename(value, "torch")
    for package in PACKAGES:
        if f"chainrule.{package}" in sys.modules:
            rename_package(package)


def rename_package(package: str) -> None:
    """Torch's module names for the classes of one loaded package."""
    prefix = f"chainrule.{package}"
    for name, module in list(sys.modules.items()):
        if name == prefix or name.startswith(prefix + "."):
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__ == name:
                    rename(value, "torch" + name.removeprefix("chainrule"))


def rename(cls: Any, module: str) -> None:
    """Give a class another `__module__`, and remember the one it had."""
    try:
        old = cls.__module__
        cls.__module__ = module
    except (AttributeError, TypeError):
        return
    RENAMED.append((cls, old))


def restore() -> None:
    """Give all classes their own module names again."""
    while RENAMED:
        cls, module = RENAMED.pop()
        cls.__module__ = module
