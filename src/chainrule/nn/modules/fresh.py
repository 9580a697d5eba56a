"""New parameters and buffers of a layer, on the device and in the dtype that it is given."""

from __future__ import annotations

from typing import Any

from chainrule.functional.border import EXPORTS
from chainrule.nn.parameter import Parameter


def parameter(*shape: int, device: Any = None, dtype: Any = None) -> Parameter:
    """A Parameter whose values are still to be drawn."""
    return Parameter(EXPORTS["empty"](shape, device=device, dtype=dtype))  # type: ignore


def filled(*shape: int, value: float, device: Any = None, dtype: Any = None) -> Any:
    """A tensor with one value everywhere."""
    make = EXPORTS["ones" if value else "zeros"]
    return make(shape, device=device, dtype=dtype)
