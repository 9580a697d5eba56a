"""Fourier transforms over NumPy arrays, in the precision of the input."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.spec import complex_of, real_of

Array = Any
FORWARD: Any = {"none": "backward", "n": "forward", "root": "ortho"}
INVERSE: Any = {"none": "forward", "n": "backward", "root": "ortho"}


def fourier(x: Array, *, axis: tuple[int, ...], inverse: bool, scale: str) -> Array:
    if not axis or x.size == 0:
        return x.astype(complex_of(x.dtype))
    call, norms = (np.fft.ifft, INVERSE) if inverse else (np.fft.fft, FORWARD)
    out = x
    for a in reversed(axis):
        out = call(out, axis=a, norm=norms[scale])
    return out.astype(complex_of(x.dtype), copy=False)


def real_fourier(x: Array, *, axis: int, scale: str) -> Array:
    dtype = complex_of(x.dtype)
    if x.size == 0:
        half = x.shape[axis] // 2 + 1
        return np.zeros((*x.shape[:axis], half, *x.shape[axis + 1 :]), dtype)
    return np.fft.rfft(x, axis=axis, norm=FORWARD[scale]).astype(dtype, copy=False)


def half_fourier(x: Array, *, axis: int, n: int, scale: str) -> Array:
    dtype = real_of(x.dtype)
    if x.size == 0:
        return np.zeros((*x.shape[:axis], n, *x.shape[axis + 1 :]), dtype)
    out = np.fft.irfft(x, n, axis=axis, norm=INVERSE[scale])
    return out.astype(dtype, copy=False)
