"""torch._VF: the functions of torch by another name, which older programs take layers from.

>>> import chainrule as torch
>>> torch._VF.lstm is torch.lstm
True
"""

from __future__ import annotations

from typing import Any

from chainrule.functional import EXPORTS


def __getattr__(name: str) -> Any:
    try:
        return EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'chainrule._VF' has no attribute '{name}'") from None


def __dir__() -> list[str]:
    return sorted(EXPORTS)
