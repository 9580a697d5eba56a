"""Von Mises: angles."""

from __future__ import annotations

import math
from typing import Any

import chainrule as torch
from chainrule.distributions import constraints
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.utils import broadcast_all, lazy_property
from chainrule.tensor import Tensor

__all__ = ["VonMises"]

# Polynomials in (x / 3.75)**2 below 3.75, and in 3.75 / x above, for the Bessel functions I0, I1.
# Source: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 9.8.1 to 9.8.4.
BESSEL_SMALL = (
    (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813),
    (0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411),
)
BESSEL_LARGE = (
    (0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537,
     -0.01647633, 0.00392377),
    (0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312,
     0.01787654, -0.00420059),
)  # fmt: skip


def horner(coefficients: tuple[float, ...], y: Tensor) -> Tensor:
    """The polynomial with these coefficients, the constant one first."""
    result: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        result = c + y * result
    return result


def _log_modified_bessel_fn(x: Tensor, order: int = 0) -> Tensor:
    """log I0(x) or log I1(x) for positive x."""
    y = x / 3.75
    small = horner(BESSEL_SMALL[order], y * y)
    if order == 1:
        small = x.abs() * small
    large = x - 0.5 * x.log() + horner(BESSEL_LARGE[order], 3.75 / x).log()
    return torch.where(x < 3.75, small.log(), large)


class VonMises(Distribution):
    """Angles in [-pi, pi) around `loc`: density proportional to exp(concentration cos(x - loc)).

    Args:
        loc: the most probable angle, in radians.
        concentration: how close to it, positive.

    Shapes: both parameters broadcast to batch_shape; events are numbers.
    Gradient: through `log_prob`; samples have none.
    Source: D. Best, N. Fisher, Efficient simulation of the von Mises distribution, 1979.

    >>> import chainrule as torch
    >>> d = torch.distributions.VonMises(torch.tensor([1.]), torch.tensor([2.]))
    >>> d.log_prob(torch.tensor([1.]))
    tensor([-0.6619])
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real
    has_rsample = False
    _expands = {"loc": 0, "concentration": 0}

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    def log_prob(self, value: Tensor) -> Tensor:
        """concentration cos(x - loc) - log(2 pi I0(concentration))."""
        if self._validate_args:
            self._validate_sample(value)
        k = self.concentration
        cosine = k * torch.cos(value - self.loc)
        return cosine - math.log(2 * math.pi) - _log_modified_bessel_fn(k, order=0)

    @lazy_property
    def _proposal_r(self) -> Tensor:
        """The parameter of the wrapped Cauchy distribution that proposes angles, in float64."""
        k = self.concentration.double()
        tau = 1 + (1 + 4 * k**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * k)
        return torch.where(k < 1e-5, 1 / k + k, (1 + rho**2) / (2 * rho))

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Angles, by rejection: all are proposed anew until each was accepted once."""
        shape = self._extended_shape(sample_shape)
        with torch.no_grad():
            r, k = self._proposal_r, self.concentration.double()
            x = torch.zeros(shape, dtype=torch.float64)
            done = torch.zeros(shape, dtype=torch.bool)
            while not bool(done.all()):
                u1, u2, u3 = torch.rand((3,) + shape, dtype=torch.float64).unbind()
                z = torch.cos(math.pi * u1)
                f = (1 + r * z) / (r + z)
                c = k * (r - f)
                accept = (c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0)
                x = torch.where(accept, (u3 - 0.5).sign() * f.acos(), x)
                done = done | accept
            wrapped = (x + math.pi + self.loc.double()) % (2 * math.pi) - math.pi
            return wrapped.to(self.loc.dtype)

    @property
    def mean(self) -> Tensor:
        """loc: the circular mean."""
        return self.loc

    mode = mean

    @lazy_property
    def variance(self) -> Tensor:
        """1 - I1(k) / I0(k): the circular variance."""
        k = self.concentration
        return 1 - (_log_modified_bessel_fn(k, 1) - _log_modified_bessel_fn(k, 0)).exp()
