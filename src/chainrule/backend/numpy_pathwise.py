"""How gamma and Dirichlet samples move with their concentrations, uniform numbers held fixed.

Neither distribution function has an inverse in closed form.  The derivative of a sample is
-(d cdf / d concentration) / density; series serve near the ends, a saddle point expansion serves
large concentrations, and fitted rational functions serve what lies between.

Source: M. Jankowiak, F. Obermeyer, Pathwise Derivatives Beyond the Reparameterization Trick, 2018;
the regions and the precision of every step are those of torch, so gradients agree to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.backend.numpy_special import digamma

Array = Any


def by_region(parts: list[tuple[Array, Callable[..., Array]]], *arrays: Array) -> Array:
    """Each element from the first region it lies in: `(mask, function of the arrays)`."""
    out = np.zeros(arrays[0].shape, arrays[0].dtype)
    left = np.ones(arrays[0].shape, np.bool_)
    for mask, function in parts:
        here = left & mask
        if here.any():
            out[here] = function(*(a[here] for a in arrays))
        left &= ~here
    return out


def double(x: Array) -> Array:
    return x if x.dtype == np.float64 else x.astype(np.float64)


# ---- gamma -----------------------------------------------------------------------------------


def standard_gamma_grad(alpha: Array, sample: Array) -> Array:
    """d sample / d alpha for a sample of the gamma distribution with rate 1."""
    alpha, sample = np.broadcast_arrays(alpha, sample)
    a, x = double(alpha), double(sample)
    large = a > 8
    near = (np.float32(0.9) * a <= x) & (x <= np.float32(1.1) * a)
    with np.errstate(all="ignore"):
        regions = [(x < np.float32(0.8), gamma_small), (large & near, gamma_centre),
                   (large, gamma_saddle), (np.True_, gamma_fitted)]  # fmt: skip
        return by_region(regions, a, x).astype(alpha.dtype, copy=False)


def gamma_small(a: Array, x: Array) -> Array:
    """The Taylor series of the distribution function at 0."""
    numerator, denominator = np.ones_like(a), a
    first = numerator / denominator
    second = numerator / (denominator * denominator)
    for i in range(1, 6):
        numerator = numerator * (-x / i)
        denominator = denominator + 1
        first = first + numerator / denominator
        second = second + numerator / (denominator * denominator)
    power = x**a
    density = x ** (a - 1) * np.exp(-x)
    slope = (np.log(x) - digamma(a)) * (power * first) - power * second
    result = -slope / density
    return np.where(np.isnan(result), 0, result)


def gamma_centre(a: Array, x: Array) -> Array:
    """The saddle point expansion where it has a removable singularity."""
    first = 1 + 24 * a * (1 + 12 * a)
    second = 1440 * (a * a) + 6 * x * (53 - 120 * x) - 65 * x * x / a + a * (107 + 3600 * x)
    return first * second / (1244160 * (a * a) * (a * a))


def gamma_saddle(a: Array, x: Array) -> Array:
    """The saddle point expansion of Lugannani and Rice."""
    scale = np.sqrt(8 * a)
    pole = scale / (a - x)
    tail = (x - a - a * np.log(x / a)) ** -1.5
    both = np.where(x < a, pole - tail, pole + tail)
    term = np.log(x / a) * both - np.sqrt(2 / a) * (a + x) / ((a - x) * (a - x))
    stirling = 1 + 1 / (12 * a) * (1 + 1 / (24 * a))
    return -stirling * (x * term) / scale


GAMMA_FIT = (
    (0.16009398, -0.094634809, 0.025146376, -0.0030648343,
     1.0, 0.32668115, 0.10406089, 0.0014179084),
    (0.53487893, 0.1298071, 0.065735949, -0.0015649758,
     0.16639465, 0.020070113, -0.0035938915, -0.00058392623),
    (0.040121004, -0.0065914022, -0.0026286047, -0.0013441777,
     0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-07),
)  # fmt: skip


def gamma_fitted(a: Array, x: Array) -> Array:
    """exp of a rational function of log(x / a) and log(a)."""
    u, v = np.log(x / a), np.log(a)
    c = [c0 + u * (c1 + u * c2) for c0, c1, c2 in zip(*GAMMA_FIT, strict=True)]
    p = c[0] + v * (c[1] + v * (c[2] + v * c[3]))
    q = c[4] + v * (c[5] + v * (c[6] + v * c[7]))
    return np.exp(p / q)


# ---- Dirichlet -------------------------------------------------------------------------------


def dirichlet_grad(x: Array, alpha: Array, total: Array) -> Array:
    """How x[i] moves with its concentration, divided by 1 - x[i]; `total` sums concentrations."""
    x, alpha, total = np.broadcast_arrays(x, alpha, total)
    one = x.dtype.type(1)
    with np.errstate(all="ignore"):
        beta = total - alpha
        boundary = total * x * (one - x)
        regions = [
            ((x <= 0.5) & (boundary < 2.5), lambda x, a, b, t: beta_near_0(x, a, b)),
            ((x >= 0.5) & (boundary < 0.75), lambda x, a, b, t: -beta_near_1(one - x, b, a)),
            ((alpha > 6) & (beta > 6),
             lambda x, a, b, t: beta_saddle(double(x), double(a), double(t) - double(a))),
            (np.True_, lambda x, a, b, t: beta_fitted(double(x), double(a), double(t))),
        ]  # fmt: skip
        return by_region(regions, x, alpha, beta, total)


def beta_near_0(x: Array, alpha: Array, beta: Array) -> Array:
    """Taylor series at 0, of the derivative in alpha."""
    factor = digamma(alpha) - digamma(alpha + beta) - np.log(x)
    numerator = np.ones_like(x)
    series = numerator / alpha * (factor + 1 / alpha)
    for i in range(1, 11):
        numerator = numerator * ((i - beta) * x / i)
        denominator = alpha + i
        series = series + numerator / denominator * (factor + 1 / denominator)
    result = x * (1 - x) ** -beta * series
    return np.where(np.isnan(result), x.dtype.type(0), result)


def beta_near_1(x: Array, alpha: Array, beta: Array) -> Array:
    """Taylor series at 0, of the derivative in beta."""
    factor = digamma(alpha + beta) - digamma(beta)
    numerator, products = np.ones_like(x), np.ones_like(x)
    slopes, series = np.zeros_like(x), factor / alpha
    for i in range(1, 9):
        numerator = numerator * (-x / i)
        slopes = slopes * (beta - i) + products
        products = products * (beta - i)
        series = series + numerator / (alpha + i) * (slopes + factor * products)
    result = -((1 - x) ** (1 - beta)) * series
    return np.where(np.isnan(result), x.dtype.type(0), result)


def beta_saddle(x: Array, a: Array, b: Array) -> Array:
    """The saddle point expansion, and a polynomial at its removable singularity."""
    total = a + b
    mean = a / total
    deviation = np.sqrt(a * b / (total + 1)) / total
    near = (mean - 0.1 * deviation <= x) & (x <= mean + 0.1 * deviation)
    b2 = b * b
    polynomial = 47 * x * b2 * b2 + a * (
        (43 + 20 * (16 + 27 * b) * x) * b2 * b + a * (
        3 * (59 + 180 * b - 90 * x) * b2 + a * (
        (453 + 1620 * b * (1 - x) - 455 * x) * b + a * (
        8 * (1 - x) * (135 * b - 11)))))  # fmt: skip
    top = (1 + 12 * a) * (1 + 12 * b) / (total * total)
    bottom = 12960 * a * a * a * b * b * (1 + 12 * total)
    centre = top / (1 - x) * polynomial / bottom
    stirling = (
        (1 + 1 / (12 * a) + 1 / (288 * a * a)) * (1 + 1 / (12 * b) + 1 / (288 * b * b))
        / (1 + 1 / (12 * total) + 1 / (288 * total * total))
    )  # fmt: skip
    skew = a * (x - 1) + b * x
    one = (2 * (a * a) * (x - 1) + a * b * (x - 1) - x * (b * b)) / (
        np.sqrt(2 * a / b) * total**1.5 * skew * skew
    )
    two = 0.5 * np.log(a / (total * x))
    three = np.sqrt(8 * a * b / total) / skew
    four = (b * np.log(b / (total * (1 - x))) + a * np.log(a / (total * x))) ** -1.5
    tail = one + two * (three + np.where(x < mean, four, -four))
    return np.where(near, centre, stirling * (-x / np.sqrt(2 * a * b / total)) * tail)


BETA_FIT = np.array([
    [[[1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
      [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
      [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013]],
     [[0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
      [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
      [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05]],
     [[-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
      [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
      [0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05]]],
    [[[1.0, -0.02924021934, -0.04438342661, 0.007285809825],
      [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
      [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149]],
     [[0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
      [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
      [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05]],
     [[0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05],
      [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05],
      [-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06]]],
])  # fmt: skip


def beta_fitted(x: Array, alpha: Array, total: Array) -> Array:
    """A rational correction to x * (digamma(total) - digamma(alpha)) / beta."""
    u = np.log(x)
    a = np.log(alpha) - u
    b = np.log(total) - a
    p, q = np.zeros_like(x), np.zeros_like(x)
    for i, u_power in enumerate((1, u, u * u)):
        for j, a_power in enumerate((1, a, a * a)):
            (p0, p1, p2, p3), (q0, q1, q2, q3) = BETA_FIT[:, i, j]
            p = p + u_power * a_power * (p0 + b * (p1 + b * (p2 + b * p3)))
            q = q + u_power * a_power * (q0 + b * (q1 + b * (q2 + b * q3)))
    return p / q * (x * (digamma(total) - digamma(alpha)) / (total - alpha))


# ---- the samples themselves: drawn elsewhere, they pass through the graph ---------------------


def standard_gamma(alpha: Array, drawn: Array) -> Array:
    return drawn


def dirichlet(concentration: Array, drawn: Array) -> Array:
    return drawn
