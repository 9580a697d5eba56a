"""Special functions: error functions, gamma, Bessel functions, entropies."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from chainrule.ops.base import Elementwise

Array = Any
ROOT_PI, ROOT_2 = math.sqrt(math.pi), math.sqrt(2)
UNKNOWN = "no formula for it is implemented, here as in torch"


class Special(Elementwise):
    """A function of real numbers: integers become floats first."""

    promotes: ClassVar[str | None] = "float"


class Erf(Special):
    """out = 2 / sqrt(pi) times the integral of e**-t**2 from 0 to x.   dL/dx = g 2/sqrt(pi) e**-x**2."""  # noqa: E501

    name, inputs, c = "erf", ("x",), "erf({x})"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.exp(-(x * x)) * (2 / ROOT_PI)


class Erfc(Special):
    """out = 1 - erf(x), exact in the tail.   dL/dx = -g * 2 / sqrt(pi) * e**-x**2."""

    name, inputs, c = "erfc", ("x",), "erfc({x})"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.exp(-(x * x)) * (-2 / ROOT_PI)


class Erfcx(Special):
    """out = e**x**2 * erfc(x).   dL/dx = g * (2 x out - 2 / sqrt(pi))."""

    name, inputs = "erfcx", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        return g * (2 * x * out - 2 / ROOT_PI)


class Erfinv(Special):
    """out = the y with erf(y) = x.   dL/dx = g * sqrt(pi) / 2 * e**out**2."""

    name, inputs = "erfinv", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, out: Array) -> Array:
        return g * xp.exp(out * out) * (ROOT_PI / 2)


class Ndtr(Special):
    """out = the area under the standard normal density up to x.   dL/dx = g * density(x)."""

    name, inputs = "ndtr", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.exp(x * x * -0.5) * (1 / (ROOT_2 * ROOT_PI))


class LogNdtr(Special):
    """out = ln ndtr(x), exact in the tail.   dL/dx = g * sqrt(2 / pi) / erfcx(-x / sqrt 2)."""

    name, inputs = "log_ndtr", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g / xp.erfcx(x * (-1 / ROOT_2)) * (ROOT_2 / ROOT_PI)


class Ndtri(Special):
    """out = the x with ndtr(x) = p.   dL/dp = g * sqrt(2 pi) * e**(out**2 / 2)."""

    name, inputs = "ndtri", ("p",)

    @staticmethod
    def d_p(xp: Any, g: Array, out: Array) -> Array:
        return g * xp.exp(out * out * 0.5) * (ROOT_2 * ROOT_PI)


class Lgamma(Special):
    """out = ln |gamma(x)|.   dL/dx = g * digamma(x)."""

    name, inputs, c = "lgamma", ("x",), "lgamma({x})"

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.digamma(x)


class Digamma(Special):
    """out = the derivative of ln gamma(x).   dL/dx = g * polygamma(1, x)."""

    name, inputs = "digamma", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.polygamma(x, n=1)


class Polygamma(Special):
    """out = the n-th derivative of digamma(x).   dL/dx = g * polygamma(n + 1, x)."""

    name, inputs = "polygamma", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, n: int) -> Array:
        return g * xp.polygamma(x, n=n + 1)


class Zeta(Special):
    """out = the sum of (k + q)**-s over k >= 0 (Hurwitz).   dL/dq = -g * s * zeta(s + 1, q)."""

    name, inputs, no_derivative = "zeta", ("s", "q"), UNKNOWN

    @staticmethod
    def d_q(xp: Any, g: Array, s: Array, q: Array) -> Array:
        return -g * s * xp.zeta(s + 1, q)


class Igamma(Special):
    """out = the lower regularised gamma function P(a, x).   dL/dx = g x**(a-1) e**-x / gamma(a)."""

    name, inputs, no_derivative = "igamma", ("a", "x"), UNKNOWN

    @staticmethod
    def d_x(xp: Any, g: Array, a: Array, x: Array) -> Array:
        return g * xp.exp((a - 1) * xp.log(x) - x - xp.lgamma(a))


class Igammac(Special):
    """out = 1 - P(a, x), the upper one.   dL/dx = -g x**(a-1) e**-x / gamma(a)."""

    name, inputs, no_derivative = "igammac", ("a", "x"), UNKNOWN

    @staticmethod
    def d_x(xp: Any, g: Array, a: Array, x: Array) -> Array:
        return -g * xp.exp((a - 1) * xp.log(x) - x - xp.lgamma(a))


class I0(Special):
    """out = the modified Bessel function of order 0.   dL/dx = g * i1(x)."""

    name, inputs = "i0", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return g * xp.i1(x)


class I0e(Special):
    """out = e**-|x| i0(x).   dL/dx = g * (i1e(x) - sign(x) out)."""

    name, inputs = "i0e", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        return g * (xp.i1e(x) - xp.sign(x) * out)


class I1(Special):
    """out = the modified Bessel function of order 1.   dL/dx = g * (i0(x) - out / x), g/2 at 0."""

    name, inputs = "i1", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        away = xp.absolute(x) > 1e-7
        safe = xp.where(away, x, xp.ones_like(x))
        return g * xp.where(away, xp.i0(safe) - out / safe, xp.ones_like(x) * 0.5)


class I1e(Special):
    """out = e**-|x| i1(x).   dL/dx = g * (i0e(x) - out * (sign(x) + 1 / x)), g/2 at 0."""

    name, inputs = "i1e", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, out: Array) -> Array:
        away = xp.absolute(x) > 1e-7
        safe = xp.where(away, x, xp.ones_like(x))
        slope = xp.i0e(safe) - out * (xp.sign(safe) + 1 / safe)
        return g * xp.where(away, slope, xp.ones_like(x) * 0.5)


class Xlogy(Special):
    """out = x ln y, 0 where x = 0.   dL/dx = g * ln y (0 where x = 0 >= y),   dL/dy = g * x / y."""

    name, inputs = "xlogy", ("x", "y")

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        flat = xp.logical_and(x == 0, y <= 0)
        return xp.mask(g * xp.log(y), xp.logical_not(flat))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * (x / y)


class Xlog1py(Special):
    """out = x ln(1 + y), 0 where x = 0.   dL/dx = g * ln(1 + y),   dL/dy = g * x / (1 + y)."""

    name, inputs = "xlog1py", ("x", "y")

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, y: Array) -> Array:
        flat = xp.logical_and(x == 0, y <= -1)
        return xp.mask(g * xp.log1p(y), xp.logical_not(flat))

    @staticmethod
    def d_y(xp: Any, g: Array, x: Array, y: Array) -> Array:
        return g * (x / (y + 1))


class Entr(Special):
    """out = -x ln x, 0 at 0, -inf below.   dL/dx = -g * (1 + ln x)."""

    name, inputs = "entr", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        return -g * (1 + xp.log(x))


class Logit(Special):
    """out = ln(x / (1 - x)).   dL/dx = g / (x (1 - x)), NaN outside [0, 1].

    With `eps`, x is first brought into [eps, 1 - eps]; outside, dL/dx = 0.
    """

    name, inputs = "logit", ("x",)

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array, *, eps: float | None) -> Array:
        if eps is None:
            inside = xp.logical_and(x >= 0, x <= 1)
            return xp.where(inside, g / (x * (1 - x)), xp.zeros_like(x) * math.nan)
        keep = xp.logical_not(xp.logical_or(x < eps, x > 1 - eps))
        x = xp.where(keep, x, xp.ones_like(x) * 0.5)  # else 0 * inf in the second derivative
        return xp.mask(g / (x * (1 - x)), keep)


class WithoutRule(Special):
    """Functions that are evaluated, but not differentiated."""

    no_derivative = UNKNOWN


class BesselJ0(WithoutRule):
    """out = the Bessel function of the first kind, order 0."""

    name, inputs = "bessel_j0", ("x",)


class BesselJ1(WithoutRule):
    """out = the Bessel function of the first kind, order 1."""

    name, inputs = "bessel_j1", ("x",)


class BesselY0(WithoutRule):
    """out = the Bessel function of the second kind, order 0."""

    name, inputs = "bessel_y0", ("x",)


class BesselY1(WithoutRule):
    """out = the Bessel function of the second kind, order 1."""

    name, inputs = "bessel_y1", ("x",)


class ModifiedBesselK0(WithoutRule):
    """out = the modified Bessel function of the second kind, order 0."""

    name, inputs = "modified_bessel_k0", ("x",)


class ModifiedBesselK1(WithoutRule):
    """out = the modified Bessel function of the second kind, order 1."""

    name, inputs = "modified_bessel_k1", ("x",)


class ScaledK0(WithoutRule):
    """out = e**x K0(x)."""

    name, inputs = "scaled_modified_bessel_k0", ("x",)


class ScaledK1(WithoutRule):
    """out = e**x K1(x)."""

    name, inputs = "scaled_modified_bessel_k1", ("x",)


class SphericalJ0(WithoutRule):
    """out = sin x / x, 1 at 0."""

    name, inputs = "spherical_bessel_j0", ("x",)


class AiryAi(WithoutRule):
    """out = Airy's function Ai."""

    name, inputs = "airy_ai", ("x",)


class Orthogonal(WithoutRule):
    """out = the orthogonal polynomial of degree n of a family, at x."""

    name, inputs = "orthogonal", ("x", "n")
