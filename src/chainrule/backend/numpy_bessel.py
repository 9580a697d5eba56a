"""Bessel and Airy functions over NumPy arrays, from the fits in `special_tables`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.backend import special_tables as tables
from chainrule.backend.numpy_special import piecewise, polynomial, series, special

Array = Any
TWO_OVER_PI = 2 / math.pi


def i0e_kernel(x: Array) -> Array:
    return piecewise(
        np.abs(x),
        (np.abs(x) <= 8, lambda v: polynomial(tables.I0E_NEAR, v / 4 - 1)),
        (x == x, lambda v: polynomial(tables.I0E_FAR, 16 / v - 1) / np.sqrt(v)),
    )


def i1e_kernel(x: Array) -> Array:
    size = piecewise(
        np.abs(x),
        (np.abs(x) <= 8, lambda v: polynomial(tables.I1E_NEAR, v / 4 - 1) * v),
        (x == x, lambda v: polynomial(tables.I1E_FAR, 16 / v - 1) / np.sqrt(v)),
    )
    return np.copysign(size, x)


def growing(scaled: Array, x: Array) -> Array:
    """scaled * e**|x|; at infinity, inf times 0 stays NaN, as in torch."""
    return scaled * np.exp(np.abs(x))


def k0e_kernel(x: Array) -> Array:
    return decaying(x, tables.K0_NEAR, tables.K0E_FAR, 0)


def k1e_kernel(x: Array) -> Array:
    return decaying(x, tables.K1_NEAR, tables.K1E_FAR, 1)


def decaying(x: Array, near: tuple[float, ...], far: tuple[float, ...], order: int) -> Array:
    """e**x K_order(x)."""

    def small(v: Array) -> Array:
        smooth = polynomial(near, v * v / 2 - 1)
        if order == 0:
            return np.exp(v) * (smooth - np.log(v / 2) * growing(i0e_kernel(v), v))
        return np.exp(v) * (smooth / v + np.log(v / 2) * growing(i1e_kernel(v), v))

    return piecewise(
        x,
        (x == 0, lambda v: np.full_like(v, np.inf)),
        ((x > 0) & (x <= 2), small),
        (x > 2, lambda v: polynomial(far, 4 / v - 1) / np.sqrt(v)),
    )


def wave(x: Array, order: int, second: bool) -> Array:
    """J_order or Y_order for x > 8: a wave of slowly varying amplitude and phase."""
    p, q = (tables.P0_FAR, tables.Q0_FAR) if order == 0 else (tables.P1_FAR, tables.Q1_FAR)
    t = 2 * (8 / x) ** 2 - 1
    even, odd = polynomial(p, t), polynomial(q, t) * (8 / x)
    angle = x - (2 * order + 1) * math.pi / 4
    cos, sin = np.cos(angle), np.sin(angle)
    value = even * sin + odd * cos if second else even * cos - odd * sin
    return np.where(np.isinf(x), 0, value * np.sqrt(TWO_OVER_PI / x))


def j0_kernel(x: Array) -> Array:
    return piecewise(
        np.abs(x),
        (np.abs(x) <= 8, lambda v: polynomial(tables.J0_NEAR, v * v / 32 - 1)),
        (x == x, lambda v: wave(v, 0, False)),
    )


def j1_kernel(x: Array) -> Array:
    size = piecewise(
        np.abs(x),
        (np.abs(x) <= 8, lambda v: polynomial(tables.J1_NEAR, v * v / 32 - 1) * v),
        (x == x, lambda v: wave(v, 1, False)),
    )
    return np.where(x < 0, -size, size)


def y0_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (x == 0, lambda v: np.full_like(v, -np.inf)),
        ((x > 0) & (x <= 8), lambda v: polynomial(tables.Y0_NEAR, v * v / 32 - 1)
         + TWO_OVER_PI * np.log(v) * j0_kernel(v)),
        (x > 8, lambda v: wave(v, 0, True)),
    )  # fmt: skip


def y1_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (x == 0, lambda v: np.full_like(v, -np.inf)),
        ((x > 0) & (x <= 8), lambda v: v * polynomial(tables.Y1_NEAR, v * v / 32 - 1)
         + TWO_OVER_PI * (np.log(v) * j1_kernel(v) - 1 / v)),
        (x > 8, lambda v: wave(v, 1, True)),
    )  # fmt: skip


def airy_kernel(x: Array) -> Array:
    def phase(v: Array) -> Array:
        return np.abs(v) ** 1.5 * (2 / 3)

    at_2, at_8 = 2**1.5 * 2 / 3, 8**1.5 * 2 / 3

    def falling(v: Array) -> Array:
        z = phase(v)
        return (
            polynomial(tables.AIRY_FAR, 2 * at_2 / z - 1)
            * np.exp(-z)
            / (2 * math.sqrt(math.pi) * v**0.25)
        )

    def swinging(v: Array) -> Array:
        z = phase(v)
        t = 2 * (at_8 / z) ** 2 - 1
        angle = z + math.pi / 4
        value = polynomial(tables.AIRY_P, t) * np.sin(angle)
        value -= polynomial(tables.AIRY_Q, t) * (at_8 / z) * np.cos(angle)
        return value / (math.sqrt(math.pi) * (-v) ** 0.25)

    return piecewise(
        x,
        (np.isinf(x), lambda v: np.where(v > 0, 0, np.nan)),
        (np.abs(x) <= 2, lambda v: polynomial(tables.AIRY_NEAR, v / 2)),
        (x > 2, falling),
        (x >= -8, lambda v: series(tables.AIRY_MIDDLE, (v + 5) / 3)),
        (x < -8, swinging),
    )


i0e, i1e = special(i0e_kernel), special(i1e_kernel)
i0 = special(lambda x: growing(i0e_kernel(x), x))
i1 = special(lambda x: growing(i1e_kernel(x), x))
scaled_modified_bessel_k0, scaled_modified_bessel_k1 = special(k0e_kernel), special(k1e_kernel)
modified_bessel_k0 = special(lambda x: k0e_kernel(x) * np.exp(-x))
modified_bessel_k1 = special(lambda x: k1e_kernel(x) * np.exp(-x))
bessel_j0, bessel_j1 = special(j0_kernel), special(j1_kernel)
bessel_y0, bessel_y1 = special(y0_kernel), special(y1_kernel)
airy_ai = special(airy_kernel)


def spherical_kernel(x: Array) -> Array:
    """sin x / x, 1 at 0."""
    value = np.where(x == 0, 1, np.sin(x) / x)
    return np.where(np.isinf(x), 0, value)


spherical_bessel_j0 = special(spherical_kernel)


# ---- orthogonal polynomials ----------------------------------------------------------------

# Each family: the degree-1 polynomial as (a, b) in a x + b, and the step
# p[k+1] = (A(k) x + B(k)) p[k] - C(k) p[k-1].
FAMILIES: dict[str, Any] = {
    "chebyshev_polynomial_t": ((1, 0), lambda k: (2, 0, 1)),
    "chebyshev_polynomial_u": ((2, 0), lambda k: (2, 0, 1)),
    "chebyshev_polynomial_v": ((2, -1), lambda k: (2, 0, 1)),
    "chebyshev_polynomial_w": ((2, 1), lambda k: (2, 0, 1)),
    "hermite_polynomial_h": ((2, 0), lambda k: (2, 0, 2 * k)),
    "hermite_polynomial_he": ((1, 0), lambda k: (1, 0, k)),
    "laguerre_polynomial_l": ((-1, 1), lambda k: (-1 / (k + 1), (2 * k + 1) / (k + 1),
                                                  k / (k + 1))),
    "legendre_polynomial_p": ((1, 0), lambda k: ((2 * k + 1) / (k + 1), 0, k / (k + 1))),
}  # fmt: skip


def orthogonal_kernel(x: Array, n: Array, *, family: str, shifted: bool) -> Array:
    """The polynomial of degree n of a family, by its recurrence; 0 for negative n."""
    if shifted:
        x = 2 * x - 1
    (a, b), step = FAMILIES[family]
    n = np.trunc(np.where(np.isfinite(n), n, 0))
    before, now = np.ones_like(x), a * x + b
    out = np.where(n == 0, before, np.where(n == 1, now, 0))
    for k in range(1, int(n.max(initial=0))):
        slope, shift, back = step(k)
        before, now = now, (slope * x + shift) * now - back * before
        out = np.where(n == k + 1, now, out)
    return out


orthogonal = special(orthogonal_kernel)
