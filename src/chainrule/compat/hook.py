"""The import hook: torch's module names, answered with chainrule's modules."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

import chainrule
from chainrule.compat import missing, naming
from chainrule.version import __version__ as torch_version

ROOTS = ("torch", "torchvision")
# Packages of chainrule's that torch has not, or has as something else.
HIDDEN = frozenset((
    "backend", "ops", "graph", "spec", "errors", "dtypes", "windows", "cli", "compat", "models",
    "datasets", "explain", "lazy", "VERSION",
))  # fmt: skip
OURS: dict[int, ModuleType] = {}  # modules that the hook has handed out


def ours(module: Any) -> bool:
    """Whether a module in `sys.modules` comes from here."""
    name = getattr(module, "__name__", "")
    return (
        isinstance(module, (Torch, missing.MissingModule))
        or id(module) in OURS
        or (name == "chainrule" or name.startswith("chainrule."))
    )


def forget() -> None:
    """Let go of what was handed out, and of the messages attached to chainrule's modules."""
    for module in OURS.values():
        vars(module).pop("__getattr__", None)
    OURS.clear()


class Torch(ModuleType):
    """The module `torch`: chainrule's names, torch's version, both ways."""

    def __init__(self) -> None:
        super().__init__("torch", "chainrule under the name of torch.")
        own = {k: v for k, v in vars(chainrule).items()
               if not k.startswith("__") and not isinstance(v, ModuleType)}  # fmt: skip
        own.update(__file__=chainrule.__file__, __path__=[], __version__=torch_version)
        for name in HIDDEN:
            own.pop(name, None)
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        if name in HIDDEN:
            raise AttributeError(missing.attribute("torch", name))
        if name.startswith("__"):
            raise AttributeError(f"module 'torch' has no attribute '{name}'")
        try:
            value = getattr(chainrule, name)
        except AttributeError:
            value = missing  # not here; said outside, so that one error is shown
        if value is missing:
            return missing.on_import("torch", name, sys._getframe(1))
        if isinstance(value, ModuleType):
            return importlib.import_module(f"torch.{name}")
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        if not name.startswith("__") and not isinstance(value, missing.MissingModule):
            setattr(chainrule, name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        vars(chainrule).pop(name, None)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *dir(chainrule)} - HIDDEN)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads `torch`, `torchvision` and everything below them."""

    def __init__(self) -> None:
        self.specs: dict[str, Any] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        root = name.partition(".")[0]
        if root not in ROOTS or (name == "torchvision" and brought_along(name)):
            return None
        if name != root and not ours(sys.modules.get(root)):
            return None  # the program's own package
        if name != "torch" and find(home_of(name)) is None:
            frame = missing.importer(sys._getframe(1))
            if frame is None or missing.has_fallback(frame):
                return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> Any:
        name = spec.name
        if name == "torch":
            return Torch()
        home = home_of(name)
        if find(home) is None:
            return missing.MissingModule(name)
        module = importlib.import_module(home)
        self.specs[name] = getattr(module, "__spec__", None)
        if name.startswith("torch.") and home.count(".") >= 1:
            naming.rename_package(home.split(".")[1])
        adopt(name, module)
        if name.startswith("torchvision"):
            for known in [m for m in sys.modules if m.startswith(home + ".")]:
                inner = name + known.removeprefix(home)
                if inner not in sys.modules:
                    sys.modules[inner] = sys.modules[known]
                    adopt(inner, sys.modules[known])
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and spec.name in self.specs:  # its own spec back
            module.__spec__ = self.specs.pop(spec.name)


FINDER = Finder()


def adopt(name: str, module: ModuleType) -> None:
    """Hand out a module of chainrule's under another name; what it lacks is said by that name."""
    OURS[id(module)] = module
    if not hasattr(module, "__getattr__"):
        module.__getattr__ = missing.module_getattr(name)  # type: ignore[method-assign]


def home_of(name: str) -> str:
    """The module of chainrule's that answers for a module name."""
    if name.startswith("torchvision"):
        return f"chainrule.compat.{name}"
    return "chainrule" + name.removeprefix("torch")


def find(home: str) -> Any:
    """The spec of a module of chainrule's, or None where there is none."""
    if home in sys.modules:
        return sys.modules[home]
    if home.split(".")[1] in HIDDEN and not home.startswith("chainrule.compat.torchvision"):
        return None
    parent = home.rpartition(".")[0]
    try:
        if parent != "chainrule" and find(parent) is None:
            return None
        return importlib.util.find_spec(home)
    except (ImportError, AttributeError, ValueError):
        return None


def brought_along(name: str) -> bool:
    """Whether the program has a package of this name in its own folders."""
    spec = importlib.machinery.PathFinder.find_spec(name)
    origin = getattr(spec, "origin", None)
    parts = os.path.normpath(origin or "").split(os.sep)
    return origin is not None and "site-packages" not in parts and "dist-packages" not in parts
