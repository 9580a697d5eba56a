"""PyTorch programs on chainrule: `import torch` answered by chainrule's own modules.

    chainrule run script.py          # a program, unchanged
    chainrule check script.py        # which of its names are here, without running it

or, in a running interpreter or notebook, before anything imports torch:

>>> import chainrule.compat
>>> chainrule.compat.install(force=True)
True
>>> import torch.nn.functional as F
>>> F is __import__("chainrule").nn.functional
True
>>> chainrule.compat.uninstall()

What imports do:

- `torch.x.y` is the module object `chainrule.x.y`: classes are the same classes.  The root is a
  module of its own, with torch's version number, that reads from and writes to chainrule.
- `torchvision` is answered from `chainrule.compat.torchvision`, unless the program brings a
  package of that name.
- A name that is not here.  `torch.name` raises AttributeError, as `hasattr` and `getattr` with a
  default expect.  `import torch.name` and `from torch.x import name` go through where torch
  would let them, and the name raises `NotHereError` when it is used; but inside a `try` that
  handles ImportError they raise it, so that the program's own fallback is what runs.
- A real torch is never shadowed unless asked: `install()` does nothing where one is installed,
  and raises where one is imported; `install(force=True)`, and `chainrule run`, ask.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from typing import Any

from chainrule.compat import hook, naming
from chainrule.errors import GraphError

__all__ = ["install", "is_installed", "uninstall"]


def install(force: bool = False, children: bool = False) -> bool:
    """Answer `import torch` in this interpreter from now on; returns whether chainrule will.

    Args:
        force: also where a real torch is installed.
        children: also in Python processes that this one starts, whatever way.

    Errors: torch itself is imported already; two frameworks cannot share the name.
    """
    if is_installed():
        return True
    present = sys.modules.get("torch")
    if present is not None and not hook.ours(present):
        raise GraphError(
            "torch is imported already, so chainrule cannot answer to its name",
            [("torch", getattr(present, "__file__", None))],
            fix="Call chainrule.compat.install() before the first import of torch, or write "
            "`import chainrule as torch`.",
        )
    if not force and installed_torch() is not None:
        return False
    sys.meta_path.insert(0, hook.FINDER)
    naming.rename_known()
    if children:
        tell_children()
    return True


def uninstall() -> None:
    """Stop answering: the names `torch`, `torch.*` and `torchvision.*` become free again."""
    if is_installed():
        sys.meta_path.remove(hook.FINDER)
    for name in list(sys.modules):
        if name.partition(".")[0] in hook.ROOTS and hook.ours(sys.modules[name]):
            del sys.modules[name]
    hook.forget()
    naming.restore()
    os.environ.pop(CHILDREN, None)


def is_installed() -> bool:
    """Whether `import torch` is answered here."""
    return hook.FINDER in sys.meta_path


def installed_torch() -> Any:
    """The import spec of a real torch on this machine, or None."""
    return importlib.machinery.PathFinder.find_spec("torch")


CHILDREN = "CHAINRULE_ANSWERS_TORCH"  # the interpreter prefix for which child processes answer


def tell_children() -> None:
    """Let Python processes started by this one answer too.

    They find a `sitecustomize` on PYTHONPATH, which installs the hook if the process runs in the
    same environment, and then hands over to the `sitecustomize` that it hides.
    """
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "children")
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    wanted = [here] if importable_anyway(source) else [here, source]
    os.environ["PYTHONPATH"] = os.pathsep.join([*wanted, *(p for p in paths if p not in wanted)])
    os.environ[CHILDREN] = sys.prefix


def importable_anyway(source: str) -> bool:
    """Whether a fresh interpreter finds chainrule without help."""
    return os.path.basename(source) in ("site-packages", "dist-packages")
