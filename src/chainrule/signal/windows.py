"""`torch.signal.windows`: weights that fade a stretch of signal in and out.

All are symmetric; with `sym=False` they are made one longer and lose their last value, as the
Fourier transform of a periodic signal wants it.

>>> import chainrule as torch
>>> torch.signal.windows.hann(5)
tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError
from chainrule.ops.base import REGISTRY
from chainrule.tensor import Tensor, from_array

Array = Any
__all__ = ["bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine",
           "general_hamming", "hamming", "hann", "kaiser", "nuttall"]  # fmt: skip


def kind_of(name: str, M: int, dtype: Any, layout: Any) -> Any:
    """NumPy's dtype for the window, after the checks that all have."""
    if M < 0:
        raise ArgumentError(f"{name} requires non-negative window length, got M={M}")
    if layout is not None and layout is not dtypes.strided:
        raise ArgumentError(f"{name} is implemented for strided tensors only, got: {layout}")
    kind = spec.Defaults.floating if dtype is None else dtypes.numpy_dtype(dtype)
    if kind not in (spec.FLOAT32, spec.FLOAT64):
        raise ArgumentError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    return kind


def made(values: Array, kind: Any, requires_grad: bool) -> Any:
    return from_array(np.asarray(values).astype(kind)).requires_grad_(requires_grad)


def places(start: float, step: float, M: int) -> Array:
    """M equally spaced numbers."""
    return start + step * np.arange(M)


def exponential(
    M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, dtype: Any = None,
    layout: Any = None, device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """exp(-|k - center| / tau): the Poisson window.

    Args:
        center: the place of the peak, by default the middle; only with sym=False.
        tau: how fast it falls.
    Shapes: (M).
    Errors: a tau that is not positive; a center for a symmetric window.

    >>> import chainrule as torch
    >>> torch.signal.windows.exponential(3)
    tensor([0.3679, 1.0000, 0.3679])
    """
    kind = kind_of("exponential", M, dtype, layout)
    if tau <= 0:
        raise ArgumentError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ArgumentError("Center must be None for symmetric windows")
    if center is None:
        center = (M if not sym and M > 1 else M - 1) / 2.0
    return made(np.exp(-np.abs(places(-center / tau, 1 / tau, M))), kind, requires_grad)  # type: ignore


def cosine(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """sin(pi (k + 1/2) / M): half a period of a sine.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.cosine(3)
    tensor([0.5000, 1.0000, 0.5000])
    """
    kind = kind_of("cosine", M, dtype, layout)
    step = math.pi / (M + 1 if not sym and M > 1 else max(M, 1))
    return made(np.sin(places(0.5 * step, step, M)), kind, requires_grad)  # type: ignore


def gaussian(
    M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """exp(-((k - middle) / std)**2 / 2).

    Shapes: (M).
    Errors: a deviation that is not positive.

    >>> import chainrule as torch
    >>> torch.signal.windows.gaussian(3)
    tensor([0.6065, 1.0000, 0.6065])
    """
    kind = kind_of("gaussian", M, dtype, layout)
    if std <= 0:
        raise ArgumentError(f"Standard deviation must be positive, got: {std} instead.")
    step = 1 / (std * math.sqrt(2))
    start = -(M if not sym and M > 1 else M - 1) / 2.0 * step
    return made(np.exp(-(places(start, step, M) ** 2)), kind, requires_grad)  # type: ignore


def kaiser(
    M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """i0(beta sqrt(1 - x**2)) / i0(beta), x from -1 to 1; i0 is the modified Bessel function.

    Shapes: (M).
    Errors: a negative beta.

    >>> import chainrule as torch
    >>> torch.signal.windows.kaiser(3, beta=2.)
    tensor([0.4387, 1.0000, 0.4387])
    """
    kind = kind_of("kaiser", M, dtype, layout)
    if beta < 0:
        raise ArgumentError(f"beta must be non-negative, got: {beta} instead.")
    if M <= 1:
        return made(np.ones(M), kind, requires_grad)  # type: ignore[no-any-return]
    step = 2.0 * beta / (M if not sym else M - 1)
    k = places(-beta, step, M)
    i0 = REGISTRY["i0"].raw
    top = i0(np.sqrt(np.maximum(beta * beta - k * k, 0)))
    return made(top / i0(np.asarray(float(beta))), kind, requires_grad)  # type: ignore


def bartlett(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """A triangle: 1 - |2 k / (M - 1) - 1|.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.bartlett(3)
    tensor([0., 1., 0.])
    """
    kind = kind_of("bartlett", M, dtype, layout)
    if M <= 1:
        return made(np.ones(M), kind, requires_grad)  # type: ignore[no-any-return]
    step = 2 / (M if not sym else M - 1)
    return made(1 - np.abs(places(-1.0, step, M)), kind, requires_grad)  # type: ignore


def general_cosine(
    M: int, *, a: Iterable[float], sym: bool = True, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """a_0 - a_1 cos(x) + a_2 cos(2 x) - ..., x from 0 to 2 pi.

    Shapes: (M).
    Errors: coefficients that are no list, or none.

    >>> import chainrule as torch
    >>> torch.signal.windows.general_cosine(3, a=[0.5, 0.5])
    tensor([0., 1., 0.])
    """
    return sum_of_cosines("general_cosine", M, a, sym, dtype, layout, requires_grad)  # type: ignore


def sum_of_cosines(
    name: str, M: int, a: Any, sym: bool, dtype: Any, layout: Any, requires_grad: bool
) -> Any:
    kind = kind_of(name, M, dtype, layout)
    if M <= 1:
        return made(np.ones(M), kind, requires_grad)
    if not isinstance(a, Iterable):
        raise ArgumentError("Coefficients must be a list/tuple")
    given = [float(v) for v in a]
    if not given:
        raise ArgumentError("Coefficients cannot be empty")
    x = places(0.0, 2 * math.pi / (M if not sym else M - 1), M)
    total = sum((-1) ** i * v * np.cos(i * x) for i, v in enumerate(given))
    return made(total, kind, requires_grad)


def general_hamming(
    M: int, *, alpha: float = 0.54, sym: bool = True, dtype: Any = None, layout: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """alpha - (1 - alpha) cos(x), x from 0 to 2 pi.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.general_hamming(3, alpha=0.75)
    tensor([0.5000, 1.0000, 0.5000])
    """
    given = [alpha, 1.0 - alpha]
    return sum_of_cosines("general_hamming", M, given, sym, dtype, layout, requires_grad)  # type: ignore


def hamming(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """0.54 - 0.46 cos(x), x from 0 to 2 pi.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.hamming(3)
    tensor([0.0800, 1.0000, 0.0800])
    """
    return sum_of_cosines("hamming", M, [0.54, 0.46], sym, dtype, layout, requires_grad)  # type: ignore


def hann(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """(1 - cos(x)) / 2, x from 0 to 2 pi.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.hann(3)
    tensor([0., 1., 0.])
    """
    return sum_of_cosines("hann", M, [0.5, 0.5], sym, dtype, layout, requires_grad)  # type: ignore


def blackman(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """0.42 - 0.5 cos(x) + 0.08 cos(2 x), x from 0 to 2 pi.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.blackman(5).abs().round(decimals=2)
    tensor([0.0000, 0.3400, 1.0000, 0.3400, 0.0000])
    """
    given = [0.42, 0.5, 0.08]
    return sum_of_cosines("blackman", M, given, sym, dtype, layout, requires_grad)  # type: ignore


def nuttall(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Four cosines, whose side lobes are low.

    Shapes: (M).

    >>> import chainrule as torch
    >>> torch.signal.windows.nuttall(3)
    tensor([3.6280e-04, 1.0000e+00, 3.6280e-04])
    """
    given = [0.3635819, 0.4891775, 0.1365995, 0.0106411]
    return sum_of_cosines("nuttall", M, given, sym, dtype, layout, requires_grad)  # type: ignore
