"""Samples that depend on their distribution's parameters through no formula: gamma, Dirichlet.

The numbers are drawn before the op runs and enter as a constant; the op holds how they would
have moved with the parameters (`backend.numpy_pathwise`).
"""

from __future__ import annotations

from typing import Any

from chainrule.ops.base import Elementwise, Op
from chainrule.spec import Spec

Array = Any
UNKNOWN = "the second derivative of a gamma sample is not known, here as in torch"


class StandardGamma(Op):
    """out ~ Gamma(alpha, 1).   dL/dalpha = -g * (d cdf / d alpha) / density."""

    name, inputs, constant = "standard_gamma", ("alpha", "drawn"), ("drawn",)

    @staticmethod
    def spec(alpha: Spec, drawn: Spec) -> Spec:
        return drawn

    @staticmethod
    def d_alpha(xp: Any, g: Array, alpha: Array, out: Array) -> Array:
        return g * xp.standard_gamma_grad(alpha, out)


class StandardGammaGrad(Elementwise):
    """out = how a gamma sample moves with its concentration."""

    name, inputs, no_derivative = "standard_gamma_grad", ("alpha", "sample"), UNKNOWN


class Dirichlet(Op):
    """out ~ Dirichlet(concentration), rows that sum to 1.

    dL/dconcentration = d * (g - sum(g * out)), d the scaled derivative of a Beta sample.
    """

    name, inputs, constant = "dirichlet", ("concentration", "drawn"), ("drawn",)

    @staticmethod
    def spec(concentration: Spec, drawn: Spec) -> Spec:
        return drawn

    @staticmethod
    def d_concentration(xp: Any, g: Array, concentration: Array, out: Array) -> Array:
        last = (concentration.ndim - 1,)
        total = xp.sum(concentration, axis=last, keepdims=True)
        scaled = xp.dirichlet_grad(out, concentration, total)
        return scaled * (g - xp.sum(out * g, axis=last, keepdims=True))


class DirichletGrad(Elementwise):
    """out = how a Dirichlet sample moves with its own concentration, divided by 1 - x."""

    name, inputs, no_derivative = "dirichlet_grad", ("x", "alpha", "total"), UNKNOWN
