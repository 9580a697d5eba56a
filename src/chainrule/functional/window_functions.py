"""Window functions of `torch` itself: Hann, Hamming, Blackman, Bartlett, Kaiser.

`torch.signal.windows` has more of them, symmetric by default; these are periodic by default.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError, DtypeError
from chainrule.functional.border import EXPORTS
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array

Array = Any


def window(
    name: str, n: Any, periodic: bool, shape: Callable[[Array, int], Array], dtype: Any,
    requires_grad: bool, out: Any = None,
) -> Any:  # fmt: skip
    """The window whose values `shape` gives at 0, ..., n - 1; a periodic one lacks its last."""
    kind = spec.Defaults.floating if dtype is None else dtypes.numpy_dtype(dtype)
    if kind.kind not in "fV":
        raise DtypeError(f"{name} expects floating point dtypes, got: {dtype}",
                         fix="Use dtype=torch.float32 or float64.")  # fmt: skip
    if n < 0:
        raise ArgumentError(
            f"{name} requires non-negative window_length, got window_length={n}",
        )
    if n <= 1:
        return from_array(np.ones(n, kind)).requires_grad_(requires_grad)
    wide = kind if kind.itemsize >= 4 else spec.FLOAT32
    size = n + bool(periodic)
    values = shape(np.arange(size, dtype=wide), size)[:n]
    return from_array(np.ascontiguousarray(values).astype(kind)).requires_grad_(requires_grad)


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *,
    dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """alpha - beta cos(2 pi k / (n - 1)) at k = 0, 1, ...; n is one more for a periodic window.

    Shapes: (window_length).

    >>> import chainrule as torch
    >>> torch.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """

    def values(k: Array, n: int) -> Array:
        return np.cos(k * k.dtype.type(math.pi * 2 / (n - 1))) * k.dtype.type(-beta) + alpha

    return window("hamming_window", window_length, periodic, values, dtype, requires_grad)  # type: ignore


def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """(1 - cos(2 pi k / (n - 1))) / 2 at k = 0, 1, ...; n is one more for a periodic window.

    Shapes: (window_length).

    >>> import chainrule as torch
    >>> torch.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """

    def values(k: Array, n: int) -> Array:
        return np.cos(k * k.dtype.type(math.pi * 2 / (n - 1))) * k.dtype.type(-0.5) + 0.5

    return window("hann_window", window_length, periodic, values, dtype, requires_grad)  # type: ignore


def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """0.42 - 0.5 cos(2 pi k / (n - 1)) + 0.08 cos(4 pi k / (n - 1)) at k = 0, 1, ...

    Shapes: (window_length).

    >>> import chainrule as torch
    >>> torch.blackman_window(4).round(decimals=4).abs()
    tensor([0.0000, 0.3400, 1.0000, 0.3400])
    """

    def values(k: Array, n: int) -> Array:
        k = k * k.dtype.type(math.pi / (n - 1))
        return np.cos(k * 4) * k.dtype.type(0.08) - np.cos(k * 2) * k.dtype.type(0.5) + 0.42

    return window("blackman_window", window_length, periodic, values, dtype, requires_grad)  # type: ignore


def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """A triangle: 1 - |2 k / (n - 1) - 1| at k = 0, 1, ...

    Shapes: (window_length).

    >>> import chainrule as torch
    >>> torch.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """

    def values(k: Array, n: int) -> Array:
        up = k * k.dtype.type(2 / (n - 1))
        return np.where(k < ((n - 1) >> 1) + 1, up, 2 - up)

    return window("bartlett_window", window_length, periodic, values, dtype, requires_grad)  # type: ignore


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None,
    layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """i0(beta sqrt(1 - x**2)) / i0(beta), x from -1 to 1; i0 is the modified Bessel function.

    Shapes: (window_length).

    >>> import chainrule as torch
    >>> torch.kaiser_window(4, beta=2.)
    tensor([0.4387, 0.8348, 1.0000, 0.8348])
    """

    def values(k: Array, n: int) -> Array:
        half = (n - 1) / 2
        x = (k.astype(np.float64) - half) / half
        i0 = REGISTRY["i0"].raw
        top = i0(beta * np.sqrt(np.maximum(1 - x * x, 0)))
        return (top / i0(np.asarray(float(beta)))).astype(k.dtype)

    return window("kaiser_window", window_length, periodic, values, dtype, requires_grad)  # type: ignore


for _f in (hann_window, hamming_window, blackman_window, bartlett_window, kaiser_window):
    EXPORTS[_f.__name__] = _f
