"""Complex numbers: made of two real ones, taken apart, conjugated.

A gradient g of a complex z pairs without conjugation, dL = Re(sum of g dz); see
`autograd.reverse`.  None of these ops is holomorphic, which is why each has a rule of its own.
"""

from __future__ import annotations

from typing import Any

from chainrule import spec as specs
from chainrule.errors import DtypeError, ShapeError
from chainrule.ops.base import Elementwise, Linear, real_part
from chainrule.spec import Spec

Array = Any


class Complex(Elementwise):
    """out = x + i y.   dL/dx = Re(g),   dL/dy = -Im(g)."""

    name, inputs, grad_name = "complex_from", ("x", "y"), "Complex"

    @classmethod
    def spec(cls, *xs: Spec) -> Spec:
        out = super().spec(*xs)
        return Spec(out.shape, specs.complex_of(out.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return xp.real(g)

    @staticmethod
    def d_y(xp: Any, g: Array) -> Array:
        return -xp.imag(g)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any) -> Array:
        x, y = (xp.zeros_like(v) if t is None else t for t, v in zip(ts, values, strict=False))
        return xp.complex_from(x, y)


class Real(Linear):
    """out = the real part of x.   dL/dx = g."""

    name, inputs, view = "real", ("x",), True

    @staticmethod
    def spec(x: Spec) -> Spec:
        return Spec(x.shape, specs.real_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x_spec: Spec) -> Array:
        return xp.astype(g, dtype=x_spec.dtype)


class Imag(Linear):
    """out = the imaginary part of x.   dL/dx = -i g."""

    name, inputs, view = "imag", ("x",), True

    @staticmethod
    def spec(x: Spec) -> Spec:
        if x.dtype.kind != "c":
            raise DtypeError("imag is not implemented for tensors with non-complex dtypes.")
        return Spec(x.shape, specs.real_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return xp.complex_from(xp.zeros_like(g), -g)


class Conj(Linear):
    """out = the complex conjugate of x.   dL/dx = conj(g)."""

    name, inputs = "conj", ("x",)

    @staticmethod
    def spec(x: Spec) -> Spec:
        return x

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return xp.conj(g)


class ViewAsReal(Linear):
    """out[..., 0] and out[..., 1] = the parts of x.   dL/dx = g[..., 0] - i g[..., 1]."""

    name, inputs, view = "view_as_real", ("x",), True

    @staticmethod
    def spec(x: Spec) -> Spec:
        if x.dtype.kind != "c":
            raise DtypeError("view_as_real is only supported for complex tensors")
        return Spec((*x.shape, 2), specs.real_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        first, second = (xp.slice(g, index=(..., i)) for i in (0, 1))
        return xp.complex_from(first, -second)


class ViewAsComplex(Linear):
    """out = x[..., 0] + i x[..., 1].   dL/dx = the parts of conj(g), as a last axis."""

    name, inputs, view = "view_as_complex", ("x",), True

    @staticmethod
    def spec(x: Spec) -> Spec:
        if x.shape[-1:] != (2,):
            raise ShapeError("Tensor must have a last dimension of size 2")
        return Spec(x.shape[:-1], specs.complex_of(x.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array) -> Array:
        return xp.view_as_real(xp.conj(g))


class Angle(Elementwise):
    """out = the angle of a number in the complex plane: of a real one 0, or pi below 0.

    dL/dx = -i g / x for complex x, 0 at 0; 0 for real x.
    """

    name, inputs, promotes = "angle", ("x",), "float"

    @classmethod
    def spec(cls, x: Spec) -> Spec:
        out = super().spec(x)
        return Spec(out.shape, specs.real_of(out.dtype))

    @staticmethod
    def d_x(xp: Any, g: Array, x: Array) -> Array:
        if x.dtype.kind != "c":
            return xp.zeros_like(g)
        none = x == 0
        turned = xp.mask(xp.complex_from(xp.zeros_like(g), -g), xp.logical_not(none))
        return turned / xp.where(none, xp.ones_like(x), x)

    @staticmethod
    def tangent(xp: Any, ts: Any, values: Any) -> Array:
        if values[0].dtype.kind != "c":
            return xp.zeros_like(ts[0])
        return real_part(xp, ts[0] * Angle.d_x(xp, xp.ones_like(values[1]), values[0]))
