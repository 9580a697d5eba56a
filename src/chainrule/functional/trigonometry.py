"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

import math
from typing import Any

from chainrule.autograd.record import apply, unary
from chainrule.functional.border import public, require_tensors
from chainrule.ops.activation import Tanh
from chainrule.ops.trigonometry import (
    Arccos,
    Arccosh,
    Arcsin,
    Arcsinh,
    Arctan,
    Arctan2,
    Arctanh,
    Cos,
    Cosh,
    Sin,
    Sinc,
    Sinh,
    Tan,
)
from chainrule.tensor import Tensor

_sin, _cos, _tan, _sinc = unary(Sin), unary(Cos), unary(Tan), unary(Sinc)
_arcsin, _arccos, _arctan = unary(Arcsin), unary(Arccos), unary(Arctan)
_sinh, _cosh, _tanh = unary(Sinh), unary(Cosh), unary(Tanh)
_arcsinh, _arccosh, _arctanh = unary(Arcsinh), unary(Arccosh), unary(Arctanh)


@public(inplace=True)
def sin(input: Any) -> Tensor:
    """The sine of each element, an angle in radians.

    Gradient: g * cos(input).

    >>> import chainrule as torch
    >>> torch.sin(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.4794])
    """
    return _sin(input)


@public(inplace=True)
def cos(input: Any) -> Tensor:
    """The cosine of each element, an angle in radians.

    Gradient: -g * sin(input).

    >>> import chainrule as torch
    >>> torch.cos(torch.tensor([0., 0.5]))
    tensor([1.0000, 0.8776])
    """
    return _cos(input)


@public(inplace=True)
def tan(input: Any) -> Tensor:
    """The tangent of each element, an angle in radians.

    Gradient: g * (1 + out**2).

    >>> import chainrule as torch
    >>> torch.tan(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.5463])
    """
    return _tan(input)


@public(inplace=True, names=("arcsin",))
def asin(input: Any) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is given; NaN outside [-1, 1].

    Gradient: g / sqrt(1 - input**2).

    >>> import chainrule as torch
    >>> torch.asin(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.5236])
    """
    return _arcsin(input)


@public(inplace=True, names=("arccos",))
def acos(input: Any) -> Tensor:
    """The angle in [0, pi] whose cosine is given; NaN outside [-1, 1].

    Gradient: -g / sqrt(1 - input**2).

    >>> import chainrule as torch
    >>> torch.acos(torch.tensor([0., 0.5]))
    tensor([1.5708, 1.0472])
    """
    return _arccos(input)


@public(inplace=True, names=("arctan",))
def atan(input: Any) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is given.

    Gradient: g / (1 + input**2).

    >>> import chainrule as torch
    >>> torch.atan(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.4636])
    """
    return _arctan(input)


@public(inplace=True, names=("arctan2",))
def atan2(input: Any, other: Any) -> Tensor:
    """The angle of the point with x = `other`, y = `input`, in (-pi, pi].

    Shapes: both broadcast together.
    Gradient: g * other / r**2, and -g * input / r**2 for `other`; 0 at the origin.

    >>> import chainrule as torch
    >>> torch.atan2(torch.tensor([1., -1.]), torch.tensor([-1., 0.]))
    tensor([ 2.3562, -1.5708])
    """
    require_tensors("atan2", input, other)
    return apply(Arctan2, input, other)


@public(inplace=True)
def sinh(input: Any) -> Tensor:
    """The hyperbolic sine.

    Gradient: g * cosh(input).

    >>> import chainrule as torch
    >>> torch.sinh(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.5211])
    """
    return _sinh(input)


@public(inplace=True)
def cosh(input: Any) -> Tensor:
    """The hyperbolic cosine.

    Gradient: g * sinh(input).

    >>> import chainrule as torch
    >>> torch.cosh(torch.tensor([0., 0.5]))
    tensor([1.0000, 1.1276])
    """
    return _cosh(input)


@public(inplace=True, fast=_tanh)
def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent.

    Gradient: g * (1 - out**2).

    >>> import chainrule as torch
    >>> torch.tanh(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.4621])
    """
    return _tanh(input)


@public(inplace=True, names=("arcsinh",))
def asinh(input: Any) -> Tensor:
    """The inverse of sinh.

    Gradient: g / sqrt(input**2 + 1).

    >>> import chainrule as torch
    >>> torch.asinh(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.4812])
    """
    return _arcsinh(input)


@public(inplace=True, names=("arccosh",))
def acosh(input: Any) -> Tensor:
    """The inverse of cosh, at least 0; NaN below 1.

    Gradient: g / sqrt(input**2 - 1).

    >>> import chainrule as torch
    >>> torch.acosh(torch.tensor([1., 2.]))
    tensor([0.0000, 1.3170])
    """
    return _arccosh(input)


@public(inplace=True, names=("arctanh",))
def atanh(input: Any) -> Tensor:
    """The inverse of tanh; NaN outside [-1, 1].

    Gradient: g / (1 - input**2).

    >>> import chainrule as torch
    >>> torch.atanh(torch.tensor([0., 0.5]))
    tensor([0.0000, 0.5493])
    """
    return _arctanh(input)


@public(inplace=True)
def sinc(input: Any) -> Tensor:
    """`sin(pi * input) / (pi * input)`, and 1 at 0.

    Gradient: g * (cos(pi * input) - out) / input, 0 at 0.

    >>> import chainrule as torch
    >>> torch.sinc(torch.tensor([0., 0.5]))
    tensor([1.0000, 0.6366])
    """
    return _sinc(input)


@public(inplace=True)
def deg2rad(input: Any) -> Tensor:
    """Angles in degrees, in radians.

    Gradient: g * pi / 180.

    >>> import chainrule as torch
    >>> torch.deg2rad(torch.tensor([180., 90.]))
    tensor([3.1416, 1.5708])
    """
    return input * (math.pi / 180)  # type: ignore[no-any-return]


@public(inplace=True)
def rad2deg(input: Any) -> Tensor:
    """Angles in radians, in degrees.

    Gradient: g * 180 / pi.

    >>> import chainrule as torch
    >>> torch.rad2deg(torch.tensor([1., 2.]))
    tensor([ 57.2958, 114.5916])
    """
    return input * (180 / math.pi)  # type: ignore[no-any-return]
