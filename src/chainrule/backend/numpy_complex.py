"""Complex numbers over NumPy arrays: parts, conjugates, views as pairs of real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.spec import complex_of, real_of

Array = Any


def real(x: Array) -> Array:
    """The real part, sharing memory; a real array itself."""
    return x.real if x.dtype.kind == "c" else x


def imag(x: Array) -> Array:
    return x.imag


def conj(x: Array) -> Array:
    return np.conjugate(x) if x.dtype.kind == "c" else x


def view_as_real(x: Array) -> Array:
    return x[..., None].view(real_of(x.dtype))


def view_as_complex(x: Array) -> Array:
    """Sharing memory where the pairs lie side by side."""
    if x.strides[-1] != x.itemsize and x.size:
        x = np.ascontiguousarray(x)
    return x.view(complex_of(x.dtype))[..., 0]
