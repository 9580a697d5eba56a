"""torch.utils.collect_env: what a bug report should say of the machine.

>>> from chainrule.utils.collect_env import get_pretty_env_info
>>> "NumPy" in get_pretty_env_info()
True
"""

from __future__ import annotations

import platform
import sys

import numpy as np

import chainrule


def get_pretty_env_info() -> str:
    """Versions of chainrule, Python, NumPy and the system, line by line."""
    rows = {
        "chainrule version": chainrule.VERSION,
        "answers as PyTorch": chainrule.version.__version__,
        "Is CUDA available": "False",
        "OS": platform.platform(),
        "Python version": sys.version.replace("\n", " "),
        "NumPy version": np.__version__,
        "CPU": platform.processor() or platform.machine(),
        "Threads": str(chainrule.get_num_threads()),
    }
    return "\n".join(f"{k}: {v}" for k, v in rows.items())


def main() -> None:
    """Print it."""
    print(get_pretty_env_info())


if __name__ == "__main__":
    main()
