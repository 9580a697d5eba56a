"""Special functions over NumPy arrays: erf, gamma and their kin.

Every function is a kernel over a flat float64 block, run block by block so that its temporaries
stay in the cache; the result is rounded to the dtype of the input.  The smooth parts are fitted
in `special_tables`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.backend import special_tables as tables
from chainrule.backend.numpy_elementwise import in_single

Array = Any
BLOCK = 8192
ROOT_PI = math.sqrt(math.pi)
ROOT_2 = math.sqrt(2)


def special(kernel: Callable[..., Array]) -> Any:
    """Make a function over arrays of any floating dtype from a kernel over float64 blocks."""

    def call(*xs: Array, **static: Any) -> Array:
        dtype = np.asarray(xs[0]).dtype
        if len(xs) > 1:
            xs = tuple(np.broadcast_arrays(*xs))
        shape = np.shape(xs[0])
        flat = [np.asarray(x).reshape(-1) for x in xs]
        out = np.empty(flat[0].size, dtype)
        with np.errstate(all="ignore"):
            for i in range(0, out.size, BLOCK):
                blocks = [f[i : i + BLOCK].astype(np.float64) for f in flat]
                out[i : i + BLOCK] = kernel(*blocks, **static)
        return out.reshape(shape)

    call.__name__ = kernel.__name__
    call.__doc__ = kernel.__doc__
    return call


def polynomial(coefficients: tuple[float, ...], t: Array) -> Array:
    """The sum of coefficients[k] * t**k, by Horner's rule."""
    out = np.full_like(t, coefficients[-1])
    for c in coefficients[-2::-1]:
        out *= t
        out += c
    return out


def series(coefficients: tuple[float, ...], t: Array) -> Array:
    """The sum of coefficients[k] * T_k(t), by Clenshaw's rule."""
    b1, b2 = np.zeros_like(t), np.zeros_like(t)
    t2 = 2 * t
    for c in coefficients[:0:-1]:
        b1, b2 = t2 * b1 - b2 + c, b1
    return t * b1 - b2 + coefficients[0]


def piecewise(x: Array, *pieces: tuple[Array, Callable[[Array], Array]]) -> Array:
    """Each function where its condition holds (the first that does); NaN where none does."""
    out = np.full_like(x, np.nan)
    free = np.ones(x.shape, np.bool_)
    for condition, function in pieces:
        here = condition & free
        if here.all():
            return function(x)
        if here.any():
            out[here] = function(x[here])
            free &= ~here
    return out


def sin_pi(x: Array) -> Array:
    """sin(pi x), exact at whole numbers."""
    whole = np.rint(x)
    sign = 1 - 2 * np.mod(whole, 2)
    return sign * np.sin(math.pi * (x - whole))


# ---- error functions ---------------------------------------------------------------------------


def gauss(x: Array) -> Array:
    """exp(-x**2) without the rounding error of the square."""
    high = np.rint(x * 64) / 64
    high = np.where(np.isfinite(high), high, x)
    low = np.where(np.isfinite(x), (x - high) * (x + high), 0)
    return np.exp(-high * high) * np.exp(-low)


def erfcx_positive(x: Array) -> Array:
    t = np.where(np.isinf(x), 1, (x - 3.75) / (x + 3.75))
    return polynomial(tables.ERFCX, t) / (1 + 2 * x)


def erfc_kernel(x: Array) -> Array:
    far = np.abs(x)
    tail = gauss(far) * erfcx_positive(far)
    near = far < 0.5
    if near.any():
        tail[near] = 1 - far[near] * polynomial(tables.ERF, 2 * far[near] ** 2 - 1)
    return np.where(x < 0, 2 - tail, tail)


def erf_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (np.abs(x) <= 1, lambda v: v * polynomial(tables.ERF, 2 * v * v - 1)),
        (x == x, lambda v: np.sign(v) * (1 - gauss(v) * erfcx_positive(np.abs(v)))),
    )


def erfcx_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (x >= 0, erfcx_positive),
        (x < 0, lambda v: 2 / gauss(v) - erfcx_positive(-v)),
    )


def erf_single(x: Array) -> Array:
    """erf in float32: one odd rational function, twice as fast as the kernel in float64."""
    x = np.clip(x, np.float32(-4), np.float32(4))
    square = x * x
    out = polynomial(tables.ERF32_P, square)
    out *= x
    out /= polynomial(tables.ERF32_Q, square)
    return np.clip(out, np.float32(-1), np.float32(1))


erf_double, erfc, erfcx = special(erf_kernel), special(erfc_kernel), special(erfcx_kernel)


def erf(x: Array) -> Array:
    """The error function."""
    if x.dtype != np.float32:
        return erf_double(x)
    flat = np.asarray(x).reshape(-1)
    out = np.empty_like(flat)
    for i in range(0, flat.size, 2 * BLOCK):
        out[i : i + 2 * BLOCK] = erf_single(flat[i : i + 2 * BLOCK])
    return out.reshape(x.shape)


def erfc_inverse(q: Array) -> Array:
    """y with erfc(y) = q for 0 < q < 0.6: Newton's method on ln erfc, from its asymptote."""
    log_q = np.log(q)
    y = np.sqrt(np.maximum(-log_q - 0.5 * np.log(math.pi * np.maximum(-log_q, 0.4)), 0.1))
    for _ in range(6):
        tail = erfcx_positive(y)
        y = y + (np.log(tail) - y * y - log_q) * (0.5 * ROOT_PI) * tail
    return y


def erf_inverse_near(x: Array) -> Array:
    """y with erf(y) = x for |x| <= 0.5: Halley's method from the first terms of its series."""
    s = math.pi * x * x
    y = 0.5 * ROOT_PI * x * (1 + s / 12 + 7 * s * s / 480 + 127 * s**3 / 40320)
    for _ in range(2):
        step = (y * polynomial(tables.ERF, 2 * y * y - 1) - x) * (0.5 * ROOT_PI) * np.exp(y * y)
        y = y - step / (1 + y * step)
    return y


def erfinv_kernel(x: Array) -> Array:
    size = np.abs(x)
    return piecewise(
        x,
        (size <= 0.5, erf_inverse_near),
        (size < 1, lambda v: np.sign(v) * erfc_inverse(1 - np.abs(v))),
        (size == 1, lambda v: v * np.inf),
    )


def ndtri_kernel(p: Array) -> Array:
    return piecewise(
        p,
        (np.abs(p - 0.5) <= 0.25, lambda v: ROOT_2 * erf_inverse_near(2 * v - 1)),
        ((p > 0) & (p < 0.5), lambda v: -ROOT_2 * erfc_inverse(2 * v)),
        ((p > 0.5) & (p < 1), lambda v: ROOT_2 * erfc_inverse(2 * (1 - v))),
        (p == 0, lambda v: np.full_like(v, -np.inf)),
        (p == 1, lambda v: np.full_like(v, np.inf)),
    )


def log_ndtr_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (x < -1, lambda v: np.log(erfcx_positive(-v / ROOT_2) / 2) - v * v / 2),
        (x == x, lambda v: np.log1p(-erfc_kernel(v / ROOT_2) / 2)),
    )


erfinv, ndtri, log_ndtr = special(erfinv_kernel), special(ndtri_kernel), special(log_ndtr_kernel)
ndtr = special(lambda x: 0.5 * erfc_kernel(-x / ROOT_2))


# ---- the gamma function and its kin ----------------------------------------------------------

STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def stirling(x: Array) -> Array:
    """What Stirling's formula lacks for ln gamma(x), x >= 8."""
    return polynomial(STIRLING, 1 / (x * x)) / x


def lgamma_small(x: Array) -> Array:
    """ln gamma for 0 < x < 8: moved into [1, 3] by its recurrence."""
    factor = np.ones_like(x)
    y = x.copy()
    for _ in range(5):
        factor = np.where(y > 3, factor * (y - 1), factor)
        y = np.where(y > 3, y - 1, y)
    below = np.where(x < 1, -np.log(x), 0)
    y = np.where(x < 1, x + 1, y)
    # At y near 1 and 2 the factor that vanishes is computed from x, not from x + 1.
    first = np.where(x < 1, x, y - 1)
    return first * (y - 2) * polynomial(tables.LGAMMA, y - 2) + np.log(factor) + below


def lgamma_positive(x: Array) -> Array:
    return piecewise(
        x,
        (x == 0, lambda v: np.full_like(v, np.inf)),
        (x < 8, lgamma_small),
        (np.isinf(x), lambda v: v),
        (x >= 8, lambda v: (v - 0.5) * (np.log(v) - 1) + (0.5 * math.log(2 * math.pi) - 0.5)
         + stirling(v)),
    )  # fmt: skip


def lgamma_kernel(x: Array) -> Array:
    return piecewise(
        x,
        (x >= 0, lgamma_positive),
        (np.isinf(x) | (x == np.floor(x)), lambda v: np.full_like(v, np.inf)),
        (x < 0, lambda v: np.log(math.pi / np.abs(sin_pi(v) * v)) - lgamma_positive(-v)),
    )


def digamma_positive(x: Array) -> Array:
    """The logarithmic derivative of gamma: its recurrence up to 10, then its asymptotic series."""
    lacking = np.zeros_like(x)
    x = x.copy()
    while (small := x < 10).any():
        lacking[small] += 1 / x[small]
        x[small] += 1
    z = 1 / (x * x)
    tail = polynomial((1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12), z) * z
    tail = np.where(np.isinf(x), 0, tail)
    return np.log(x) - 0.5 / x - tail - lacking


def digamma_kernel(x: Array) -> Array:
    def reflected(v: Array) -> Array:
        return digamma_positive(1 - v) - math.pi / np.tan(math.pi * (v - np.rint(v)))

    return piecewise(
        x,
        (x == 0, lambda v: np.copysign(np.inf, -v)),
        (x > 0, digamma_positive),
        (x != np.floor(x), reflected),
    )


# Numerators and denominators of B_2k / (2k)!, for Euler and Maclaurin's sum.
BERNOULLI = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
    -3617 / 10670622842880000, 43867 / 5109094217170944000, -174611 / 802857662698291200000,
)  # fmt: skip


def zeta_kernel(s: Array, q: Array) -> Array:
    """Hurwitz' zeta function: the sum of (k + q)**-s over k >= 0, by Euler and Maclaurin."""
    total = np.zeros_like(q)
    a = q.copy()
    for k in range(200_000):
        more = (a <= 9) if k >= 9 else np.isfinite(a)
        more &= np.isfinite(s)
        if not more.any():
            break
        total[more] += a[more] ** -s[more]
        a[more] += 1
    w = a**-s
    total += a * w / (s - 1) + 0.5 * w
    factor = s * w / a
    for i, b in enumerate(BERNOULLI):
        total += b * factor
        factor = factor * (s + 2 * i + 1) * (s + 2 * i + 2) / (a * a)
    pole = (q <= 0) & (q == np.floor(q))
    total = np.where(np.isinf(q) & (q > 0), 0, total)
    total = np.where((q < 0) & (s != np.floor(s)), np.nan, total)
    total = np.where(pole, np.inf, total)
    total = np.where(s == 1, np.inf, np.where(s < 1, np.nan, total))
    return np.where(np.isnan(q) | np.isnan(s), np.nan, total)


def trigamma_kernel(x: Array) -> Array:
    """The derivative of digamma; for x < 1/2 by reflection."""
    two = np.full_like(x, 2)
    low = x < 0.5
    value = zeta_kernel(two, np.where(low, 1 - x, x))
    return np.where(low, (math.pi / sin_pi(x)) ** 2 - value, value)


def polygamma_kernel(x: Array, *, n: int) -> Array:
    """The n-th derivative of digamma."""
    if n == 0:
        return digamma_kernel(x)
    if n == 1:
        return trigamma_kernel(x)
    sign = 1.0 if n % 2 else -1.0
    return sign * math.exp(math.lgamma(n + 1)) * zeta_kernel(np.full_like(x, n + 1), x)


lgamma, digamma = special(lgamma_kernel), special(digamma_kernel)
zeta, polygamma = special(zeta_kernel), special(polygamma_kernel)


def gamma_prefix(a: Array, x: Array) -> Array:
    """x**a e**-x / gamma(a + 1), without cancellation for large a."""
    direct = np.exp(a * np.log(x) - x - lgamma_positive(a + 1))
    m = (x - a) / a
    small = np.abs(m) < 0.3
    r = m / (2 + m)  # ln(1 + m) = 2 artanh r
    artanh = r**3 * polynomial(tuple(2 / (2 * k + 3) for k in range(14)), r * r)
    deviation = np.where(small, 2 * r + artanh - m, np.log1p(m) - m)
    # 2 r - m = -m**2 / (2 + m), exactly
    deviation = np.where(small, artanh - m * m / (2 + m), deviation)
    scaled = np.exp(a * deviation - stirling(np.maximum(a, 8))) / np.sqrt(2 * math.pi * a)
    return np.where(a > 8, scaled, direct)


def igamma_series(a: Array, x: Array) -> Array:
    """The lower regularised gamma function: prefix * (1 + x/(a+1) + x**2/((a+1)(a+2)) + ...)."""
    term, total, n = np.ones_like(x), np.ones_like(x), a.copy()
    for _ in range(20_000):
        n += 1
        term *= x / n
        total += term
        if not (term > total * 1e-17).any():
            break
    return gamma_prefix(a, x) * total


def igammac_fraction(a: Array, x: Array) -> Array:
    """The upper one: a continued fraction, by Lentz' method."""
    tiny = 1e-300
    b = x + 1 - a
    c = np.full_like(x, 1 / tiny)
    d = 1 / np.where(b == 0, tiny, b)
    h = d.copy()
    for i in range(1, 20_000):
        an = -i * (i - a)
        b = b + 2
        d = an * d + b
        d = 1 / np.where(np.abs(d) < tiny, tiny, d)
        c = b + an / c
        c = np.where(np.abs(c) < tiny, tiny, c)
        change = c * d
        h *= change
        if not (np.abs(change - 1) > 1e-16).any():
            break
    return gamma_prefix(a, x) * a * h


def incomplete(a: Array, x: Array, upper: bool) -> Array:
    """The regularised incomplete gamma functions."""
    out = np.full_like(x, np.nan)
    fine = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    by_series = fine & ((x <= 1) | (x <= a))
    by_fraction = fine & ~by_series
    if by_series.any():
        low = igamma_series(a[by_series], x[by_series])
        out[by_series] = 1 - low if upper else low
    if by_fraction.any():
        high = igammac_fraction(a[by_fraction], x[by_fraction])
        out[by_fraction] = high if upper else 1 - high
    zero_at = ((x == 0) & (a > 0)) | (np.isinf(a) & (a > 0) & np.isfinite(x) & (x >= 0))
    one_at = ((a == 0) & (x > 0)) | (np.isposinf(x) & np.isfinite(a) & (a > 0))
    out[zero_at], out[one_at] = (1.0, 0.0) if upper else (0.0, 1.0)
    return out


igamma = special(lambda a, x: incomplete(a, x, False))
igammac = special(lambda a, x: incomplete(a, x, True))


# ---- small compositions that have a corner -----------------------------------------------------


@in_single
def xlogy(x: Array, y: Array) -> Array:
    """x ln y, 0 where x = 0 unless y is NaN."""
    return np.where((x == 0) & ~np.isnan(y), np.zeros((), np.asarray(x).dtype), x * np.log(y))


@in_single
def xlog1py(x: Array, y: Array) -> Array:
    """x ln(1 + y), 0 where x = 0 unless y is NaN."""
    return np.where((x == 0) & ~np.isnan(y), np.zeros((), np.asarray(x).dtype), x * np.log1p(y))


@in_single
def entr(x: Array) -> Array:
    """-x ln x, 0 at 0, -inf below."""
    out = np.where(x == 0, x, -x * np.log(x))
    return np.where(x < 0, -np.inf, out).astype(x.dtype)


@in_single
def logit(x: Array, *, eps: Any) -> Array:
    """ln(x / (1 - x)), with x first brought into [eps, 1 - eps] if eps is given."""
    if eps is not None:
        x = np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))
