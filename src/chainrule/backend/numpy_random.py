"""From the 32-bit words of a Mersenne Twister to numbers, bit for bit as torch makes them on CPU.

Everything here is a pure function of words (uint32, or uint64 made of two, the first one high).
Integers and uniforms are exact.  Normal float32 numbers in blocks of 16 go through the Cephes
polynomials with fused multiply-adds, as torch's AVX2 code does; a fused multiply-add of float32 is
computed here in float64, where the product is exact, and rounded once more, so that results agree
but for a double rounding that no sample of 10^7 has shown.  Everything else is double precision
and as good as NumPy's log, cos and exp (equal to the C library's, or within one unit in the last
place where NumPy brings its own).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from chainrule.spec import BFLOAT16, FLOAT16, FLOAT32, FLOAT64

Array = Any
CHUNK = 1 << 18  # words at a time; a normal number takes 23 ns, with 1 << 15 50 (calls cost most)
DIGITS = {FLOAT16: 11, BFLOAT16: 8, FLOAT32: 24, FLOAT64: 53}  # of the significand
TWO_PI = 6.283185307179586


def uniform24(words: Array, out: Array | None = None) -> Array:
    """float32 in [0, 1): the low 24 bits of each word."""
    low = (words & np.uint32(0xFFFFFF)).astype(np.float32)
    return np.multiply(low, np.float32(2.0**-24), out=out)


def uniform53(words: Array) -> Array:
    """float64 in [0, 1): the low 53 bits of each 64-bit word."""
    out = (words & np.uint64((1 << 53) - 1)).astype(np.float64)
    out *= 2.0**-53
    return out


def stretch24(u: Array, low: float, high: float) -> Array:
    """u * (high - low) + low in float32, with one rounding."""
    lo, hi = np.float32(low), np.float32(high)
    if lo == 0 and hi == 1:
        return u
    wide = u.astype(np.float64)
    wide *= np.float64(hi - lo)
    wide += np.float64(lo)
    return wide.astype(np.float32)


def fma(a: Array, b: float, c: float) -> Array:
    """a * b + c in float64 with one rounding (Dekker's product, Knuth's sum)."""
    p = a * b
    if abs(np.frexp(b)[0]) == 0.5 or b == 0:  # a power of two: the product is exact
        return p + c
    split = 134217729.0
    t = a * split
    a_high = t - (t - a)
    a_low = a - a_high
    s = b * split
    b_high = s - (s - b)
    b_low = b - b_high
    error = ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = p + c
    back = total - p
    lost = (p - (total - back)) + (c - back)
    return total + (lost + error)


def integers(words: Array, span: int, base: int) -> Array:
    """int64 in [base, base + span): the remainder of each word."""
    wide = np.asarray(words % words.dtype.type(span)).astype(np.uint64)
    return (wide + np.uint64(base % (1 << 64))).view(np.int64)


def exponential(u: Array, rate: float) -> Array:
    """Exponentially distributed float64 from uniform ones."""
    return (-1.0 / rate) * np.log1p(-u)


def geometric(u: Array, p: float) -> Array:
    """The number of trials up to the first success of probability p."""
    with np.errstate(divide="ignore"):
        return np.ceil(np.log(u) / np.log1p(-p))


def cauchy(u: Array, median: float, sigma: float) -> Array:
    """Cauchy-distributed float64 from uniform ones."""
    return fma(np.tan(np.pi * (u - 0.5)), sigma, median)


def polar(u1: Array, u2: Array) -> tuple[Array, Array]:
    """Pairs of normal float64 from pairs of uniform ones, as torch draws few numbers."""
    radius = np.sqrt(-2.0 * np.log1p(-u2))
    theta = TWO_PI * u1
    return radius * np.cos(theta), radius * np.sin(theta)


def normal_blocks64(u: Array, mean: float, std: float) -> Array:
    """Normal float64 from uniform ones, blocks of 16 wide: 8 radii, 8 angles."""
    u1, u2 = 1 - u[:, :8], u[:, 8:]
    radius, theta = np.sqrt(-2 * np.log(u1)), TWO_PI * u2
    out = np.concatenate([radius * np.cos(theta), radius * np.sin(theta)], axis=1)
    return out if (mean, std) == (0.0, 1.0) else fma(out, std, mean)


def normal_blocks32(u: Array, mean: float, std: float) -> Array:
    """The same in float32."""
    count = len(u)
    out = np.empty((count, 16), np.float32)
    mean32, std32 = np.float32(mean), np.float32(std)
    size = CHUNK // 128
    for start in range(0, count, size):
        block = u[start : start + size]
        n = len(block) * 8
        work = scratch() if n == size * 8 else Scratch(n)
        np.subtract(np.float32(1), block[:, :8], out=work.f1.reshape(-1, 8))
        radius = cephes_log(work)
        radius *= np.float32(-2)
        np.sqrt(radius, out=radius)
        np.multiply(block[:, 8:], np.float32(TWO_PI), out=work.f1.reshape(-1, 8))
        sin, cos = cephes_sincos(work)
        cos *= radius
        sin *= radius
        target = out[start : start + size]
        if mean32 == 0 and std32 == 1:
            target[:, :8], target[:, 8:] = cos.reshape(-1, 8), sin.reshape(-1, 8)
        else:
            for half, value in ((target[:, :8], cos), (target[:, 8:], sin)):
                np.multiply(value, np.float64(std32), out=work.d1, dtype=np.float64)
                work.d1 += np.float64(mean32)
                half[...] = work.d1.reshape(-1, 8)
    return out


class Scratch:
    """Memory for one chunk of the functions below, which name it f (float32), d (float64), i."""

    def __init__(self, n: int) -> None:
        self.f1, self.f2, self.f3, self.f4, self.radius = np.empty((5, n), np.float32)
        self.d1, self.d2, self.d3, self.d4 = np.empty((4, n), np.float64)
        self.i1, self.i2, self.i3 = np.empty((3, n), np.int32)
        self.mask = np.empty(n, np.bool_)


@cache
def scratch() -> Scratch:
    return Scratch(CHUNK // 16)


def single(work: Scratch, d: Array) -> None:
    """Round the float64 numbers `d` to float32 in place."""
    np.copyto(work.f4, d, casting="same_kind")
    np.copyto(d, work.f4)


def polynomial(work: Scratch, y: Array, x: Array, first: float, rest: tuple[float, ...]) -> None:
    """Horner's rule into y, each step rounded to float32."""
    np.multiply(x, first, out=y)
    y += rest[0]
    single(work, y)
    for c in rest[1:]:
        y *= x
        y += c
        single(work, y)


def f32(*values: float) -> tuple[float, ...]:
    return tuple(float(np.float32(v)) for v in values)


LOG_FIRST, *_LOG_REST = f32(
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
    -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
LOG_REST = tuple(_LOG_REST)
LN2_LOW, LN2_HIGH = f32(-2.12194440e-4, 0.693359375)
SQRT_HALF = np.float32(0.707106781186547524)
COS_FIRST, *_COS_REST = f32(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
SIN_FIRST, *_SIN_REST = f32(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COS_REST, SIN_REST = tuple(_COS_REST), tuple(_SIN_REST)
PI_PARTS = f32(-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)
FOUR_OVER_PI = np.float32(1.27323954473516)


def cephes_log(work: Scratch) -> Array:
    """log of work.f1, float32 in (0, 1], into work.radius (Cephes' logf, S. Moshier)."""
    bits, e, mantissa = work.f1.view(np.int32), work.f2, work.i1
    np.right_shift(bits, 23, out=mantissa)
    mantissa -= 126
    e[...] = mantissa
    bits &= 0x007FFFFF
    bits |= 0x3F000000
    x = work.f1  # now in [0.5, 1)
    small = np.less(x, SQRT_HALF, out=work.mask)
    e -= small
    np.multiply(x, small, out=work.f3)
    x -= np.float32(1)
    x += work.f3
    dx, dz, de, y = work.d1, work.d2, work.d3, work.d4
    np.multiply(x, x, out=work.f3)
    dx[...], dz[...], de[...] = x, work.f3, e
    polynomial(work, y, dx, LOG_FIRST, LOG_REST)
    y *= dx
    single(work, y)
    y *= dz
    np.multiply(e, np.float32(LN2_LOW), out=work.f3)
    y += work.f3
    single(work, y)
    dz *= 0.5
    y -= dz
    np.copyto(work.f4, y, casting="same_kind")
    x += work.f4
    de *= LN2_HIGH
    de += x
    np.copyto(work.radius, de, casting="same_kind")
    return work.radius


def cephes_sincos(work: Scratch) -> tuple[Array, Array]:
    """sin and cos of work.f1, float32 in [0, 2 pi] (Cephes' sinf and cosf)."""
    x, octant, dx, dy, dz = work.f1, work.i1, work.d1, work.d2, work.d3
    np.multiply(x, FOUR_OVER_PI, out=work.f2)
    np.copyto(octant, work.f2, casting="unsafe")
    octant += 1
    octant &= ~1
    dx[...], dy[...] = x, octant
    for part in PI_PARTS:  # x - octant * pi / 4, in three pieces
        np.multiply(dy, part, out=dz)
        dx += dz
        single(work, dx)
    np.copyto(x, dx, casting="same_kind")
    np.multiply(x, x, out=work.f3)
    dz[...] = work.f3
    y = dy
    polynomial(work, y, dz, COS_FIRST, COS_REST)
    y *= dz
    single(work, y)
    y *= dz
    np.multiply(work.f3, np.float32(0.5), out=work.f2)
    y -= work.f2
    cos = work.f2
    np.copyto(cos, y, casting="same_kind")
    cos += np.float32(1)
    y2 = work.d4
    polynomial(work, y2, dz, SIN_FIRST, SIN_REST)
    y2 *= dz
    single(work, y2)
    y2 *= dx
    y2 += dx
    sin = work.f3
    np.copyto(sin, y2, casting="same_kind")
    np.bitwise_and(octant, 2, out=work.i2)
    swap = np.not_equal(work.i2, 0, out=work.mask)
    work.f4[...] = sin
    np.copyto(sin, cos, where=swap)
    np.copyto(cos, work.f4, where=swap)
    sign = work.i3  # bit 31 where the octant is in the lower half (sine), left half (cosine)
    np.bitwise_and(octant, 4, out=sign)
    sign <<= 29
    np.bitwise_xor(sin.view(np.int32), sign, out=sin.view(np.int32))
    octant -= 2
    np.bitwise_not(octant, out=octant)
    octant &= 4
    octant <<= 29
    np.bitwise_xor(cos.view(np.int32), octant, out=cos.view(np.int32))
    return sin, cos
