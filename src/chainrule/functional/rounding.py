"""Rounding, signs, bounds, and the parts of floating-point numbers."""

from __future__ import annotations

from typing import Any

from chainrule import return_types, spec
from chainrule.autograd.record import apply, cast, unary
from chainrule.errors import ArgumentError, DtypeError
from chainrule.functional.border import public, require_tensor, require_tensors
from chainrule.ops.rounding import (
    Ceil,
    Clamp,
    ClampMax,
    ClampMin,
    Clip,
    Floor,
    Frexp,
    Heaviside,
    NanToNum,
    Nextafter,
    Rint,
    RoundTo,
    Sign,
    Trunc,
)
from chainrule.tensor import Tensor

_floor, _ceil, _trunc, _sign = unary(Floor), unary(Ceil), unary(Trunc), unary(Sign)


@public(inplace=True)
def floor(input: Any) -> Tensor:
    """The largest whole number that is not above each element.

    Gradient: 0.

    >>> import chainrule as torch
    >>> torch.floor(torch.tensor([1.5, -1.5]))
    tensor([ 1., -2.])
    """
    return _floor(input)


@public(inplace=True)
def ceil(input: Any) -> Tensor:
    """The smallest whole number that is not below each element.

    Gradient: 0.

    >>> import chainrule as torch
    >>> torch.ceil(torch.tensor([1.5, -1.5]))
    tensor([ 2., -1.])
    """
    return _ceil(input)


@public(inplace=True, names=("fix",))
def trunc(input: Any) -> Tensor:
    """Each element rounded towards zero.

    Gradient: 0.

    >>> import chainrule as torch
    >>> torch.trunc(torch.tensor([1.5, -1.5]))
    tensor([ 1., -1.])
    """
    return _trunc(input)


@public(inplace=True)
def round(input: Any, *, decimals: int = 0) -> Tensor:
    """Each element rounded to `decimals` places, halves to the even neighbour.

    Gradient: 0.
    Errors: `decimals` with integers.

    >>> import chainrule as torch
    >>> torch.round(torch.tensor([0.5, 1.5, -2.5]))
    tensor([ 0.,  2., -2.])
    >>> torch.round(torch.tensor([3.14159]), decimals=2)
    tensor([3.1400])
    """
    if decimals == 0:
        return apply(Rint, input)  # type: ignore[no-any-return]
    return apply(RoundTo, input, decimals=decimals)  # type: ignore[no-any-return]


@public(inplace=True)
def frac(input: Any) -> Tensor:
    """The part behind the point: `input - trunc(input)`.

    Gradient: g.

    >>> import chainrule as torch
    >>> torch.frac(torch.tensor([1.5, -2.25]))
    tensor([ 0.5000, -0.2500])
    """
    if not spec.is_floating(input._array.dtype):
        raise DtypeError("frac is only implemented for floating tensors", [("input", input)])
    return input - _trunc(input)  # type: ignore[no-any-return]


@public(inplace=True)
def sign(input: Any) -> Tensor:
    """-1, 0 or 1 for negative, zero, positive; 0 for NaN.

    Gradient: 0.

    >>> import chainrule as torch
    >>> torch.sign(torch.tensor([3., -0.5, 0.]))
    tensor([ 1., -1.,  0.])
    """
    return _sign(input)


@public(inplace=True)
def sgn(input: Any) -> Tensor:
    """The sign; of complex numbers, the number of size 1 with their angle.

    Gradient: 0.

    >>> import chainrule as torch
    >>> torch.sgn(torch.tensor([3., -0.5, 0.]))
    tensor([ 1., -1.,  0.])
    """
    return _sign(input)


@public(inplace=True)
def heaviside(input: Any, values: Any) -> Tensor:
    """The step function: 0 below 0, 1 above, `values` at 0.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.heaviside(torch.tensor([-1., 0., 2.]), torch.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    """
    require_tensors("heaviside", input, values)
    return apply(Heaviside, input, values)


@public(inplace=True)
def nextafter(input: Any, other: Any) -> Tensor:
    """The next floating-point number after `input` in the direction of `other`.

    Shapes: both broadcast together.
    Gradient: g for `input`, 0 for `other`.

    >>> import chainrule as torch
    >>> torch.nextafter(torch.tensor([1.]), torch.tensor([2.]))
    tensor([1.0000])
    """
    require_tensors("nextafter", input, other)
    return apply(Nextafter, input, other)


@public(inplace=True, names=("clip",))
def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """Each element brought into [min, max]; the bounds are numbers, tensors or None.

    Gradient: g inside and on the bounds, else 0; tensors as bounds get g where they decide.
    Errors: no bound at all.

    >>> import chainrule as torch
    >>> torch.clamp(torch.tensor([-2., 0.5, 2.]), -1, 1)
    tensor([-1.0000,  0.5000,  1.0000])
    >>> torch.clamp(torch.tensor([-2., 0.5, 2.]), min=torch.tensor([0., 1., 3.]))
    tensor([0., 1., 3.])
    """
    require_tensor("clamp", input)
    if min is None and max is None:
        raise ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        if max is None:
            return apply(ClampMin, input, min)  # type: ignore[no-any-return]
        if min is None:
            return apply(ClampMax, input, max)  # type: ignore[no-any-return]
        return apply(Clamp, input, min, max)  # type: ignore[no-any-return]
    return clip_to(input, min, max)


@public(inplace=True)
def clamp_min(input: Any, min: Any) -> Tensor:
    """Each element, at least `min`.

    Gradient: g where input >= min, else 0.

    >>> import chainrule as torch
    >>> torch.clamp_min(torch.tensor([-2., 0.5]), 0)
    tensor([0.0000, 0.5000])
    """
    return clamp(input, min)  # type: ignore[no-any-return]


@public(inplace=True)
def clamp_max(input: Any, max: Any) -> Tensor:
    """Each element, at most `max`.

    Gradient: g where input <= max, else 0.

    >>> import chainrule as torch
    >>> torch.clamp_max(torch.tensor([-2., 0.5]), 0)
    tensor([-2.,  0.])
    """
    return clamp(input, None, max)  # type: ignore[no-any-return]


@public(inplace=True)
def nan_to_num(input: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor:
    """Numbers in place of NaN and infinities (by default the largest there are).

    Gradient: g where `input` is finite, else 0.

    >>> import chainrule as torch
    >>> torch.nan_to_num(torch.tensor([float("nan"), float("inf"), 1.]), posinf=9.)
    tensor([0., 9., 1.])
    """
    nan = 0.0 if nan is None else nan
    return apply(  # type: ignore[no-any-return]
        NanToNum, input, nan=nan, posinf=posinf, neginf=neginf
    )


@public
def frexp(input: Any) -> Any:
    """`mantissa` in [0.5, 1) and whole `exponent` with input = mantissa * 2**exponent.

    Gradient: g / 2**exponent for the mantissa.
    Errors: integers.

    >>> import chainrule as torch
    >>> torch.frexp(torch.tensor([6., -0.25]))
    torch.return_types.frexp(
    mantissa=tensor([ 0.7500, -0.5000]),
    exponent=tensor([ 3, -1], dtype=torch.int32))
    """
    return return_types.frexp(apply(Frexp, input))


@public(inplace=True)
def ldexp(input: Any, other: Any) -> Tensor:
    """`input * 2**other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.ldexp(torch.tensor([0.75]), torch.tensor([3]))
    tensor([6.])
    """
    require_tensors("ldexp", input, other)
    return input * 2.0**other  # type: ignore[no-any-return]


def clip_to(input: Any, low: Any, high: Any) -> Tensor:
    """clamp with numbers as bounds."""
    given = [b for b in (low, high) if b is not None]
    dtype = spec.result_type([input._array, *given])
    if dtype != input._array.dtype:
        input = cast(input, dtype)
    return apply(Clip, input, low=low, high=high)  # type: ignore[no-any-return]
