"""Read by Python when it starts, in processes started by `chainrule run`.

It costs no import of chainrule: the hook is put in place when `torch` is first asked for.
"""

import importlib
import os
import sys


class Doorbell:
    """Installs the real hook at the first import of torch or torchvision, and steps aside."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in ("torch", "torchvision"):
            sys.meta_path.remove(Doorbell)
            from chainrule.compat import hook, install

            install(force=True)
            return hook.FINDER.find_spec(name, path, target)
        return None


def hand_over():
    """Import the sitecustomize that this one hides, if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))
    hidden = [p for p in sys.path if os.path.abspath(p or os.getcwd()) == here]
    sys.path[:] = [p for p in sys.path if p not in hidden]
    mine = sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        if mine is not None:
            sys.modules["sitecustomize"] = mine


if os.environ.get("CHAINRULE_ANSWERS_TORCH") == sys.prefix:
    sys.meta_path.insert(0, Doorbell)
hand_over()
