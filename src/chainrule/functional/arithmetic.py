"""Arithmetic: add, sub, mul, div and their kin, with the operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.inplace import wrote
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply, binary, unary
from chainrule.errors import ArgumentError, DtypeError
from chainrule.functional.border import operator, public, require_tensor, require_tensors
from chainrule.ops.arithmetic import (
    Absolute,
    Add,
    Copysign,
    Divide,
    FloorDivide,
    Fmod,
    Gcd,
    Hypot,
    Lcm,
    Lerp,
    Multiply,
    Negative,
    Reciprocal,
    Remainder,
    Subtract,
    TruncDivide,
)
from chainrule.tensor import Tensor

_add, _sub, _mul = binary(Add), binary(Subtract), binary(Multiply)
_div = binary(Divide, floats_only=True)
_negative, _absolute = unary(Negative, "fci"), unary(Absolute, "fi")
_reciprocal = unary(Reciprocal)


def scaled(input: Any, other: Any, alpha: Any) -> Any:
    """`alpha * other`, for add and sub."""
    if isinstance(alpha, float) and all(
        not spec.is_inexact(spec.result_type([getattr(x, "_array", x)])) for x in (input, other)
    ):
        raise ArgumentError(
            "For integral input tensors, argument alpha must not be a floating point number.",
            [("input", input), ("other", other), ("alpha", alpha)],
        )
    return other * alpha


@public(inplace=True)
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """`input + alpha * other`, elementwise.

    Shapes: both broadcast together.
    Gradient: g for `input`, alpha * g for `other`.

    >>> import chainrule as torch
    >>> torch.add(torch.tensor([1., 2.]), torch.tensor([10., 20.]), alpha=2)
    tensor([21., 42.])
    """
    if alpha != 1:
        other = scaled(input, other, alpha)
    return apply(Add, input, other)  # type: ignore[no-any-return]


@public(inplace=True, names=("subtract",))
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """`input - alpha * other`, elementwise.

    Shapes: both broadcast together.
    Gradient: g for `input`, -alpha * g for `other`.
    Errors: two bool tensors cannot be subtracted.

    >>> import chainrule as torch
    >>> torch.sub(torch.tensor([1., 2.]), 3)
    tensor([-2., -1.])
    """
    if alpha != 1:
        other = scaled(input, other, alpha)
    return apply(Subtract, input, other)  # type: ignore[no-any-return]


@public(method=False)
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """`other - alpha * input`: sub with its operands swapped.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.rsub(torch.tensor([1., 2.]), 3)
    tensor([2., 1.])
    """
    require_tensor("rsub", input)
    return sub(other, input, alpha=alpha)


@public(inplace=True, names=("multiply",))
def mul(input: Any, other: Any) -> Tensor:
    """`input * other`, elementwise.

    Shapes: both broadcast together.
    Gradient: g * other for `input`, g * input for `other`.

    >>> import chainrule as torch
    >>> torch.mul(torch.tensor([1., 2.]), torch.tensor([[3.], [4.]]))
    tensor([[3., 6.],
            [4., 8.]])
    """
    return apply(Multiply, input, other)


@public(inplace=True, names=("divide",))
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`input / other`, elementwise; integers give floats.

    Shapes: both broadcast together.
    Gradient: g / other, and -g * input / other**2; 0 with a `rounding_mode`.
    Errors: integers divided by zero with a rounding mode.

    >>> import chainrule as torch
    >>> torch.div(torch.tensor([7, -7]), 2)
    tensor([ 3.5000, -3.5000])
    >>> torch.div(torch.tensor([7, -7]), 2, rounding_mode="floor")
    tensor([ 3, -4])
    """
    if rounding_mode is None:
        return apply(Divide, input, other)  # type: ignore[no-any-return]
    if rounding_mode == "floor":
        return apply(FloorDivide, input, other)  # type: ignore[no-any-return]
    if rounding_mode == "trunc":
        return apply(TruncDivide, input, other)  # type: ignore[no-any-return]
    raise ArgumentError(
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
        f"{rounding_mode!r}"
    )


@public(inplace=True)
def true_divide(input: Any, other: Any) -> Tensor:
    """`input / other`, elementwise; integers give floats.

    Shapes: both broadcast together.
    Gradient: g / other, and -g * input / other**2.

    >>> import chainrule as torch
    >>> torch.true_divide(torch.tensor([1, 2]), 2)
    tensor([0.5000, 1.0000])
    """
    return apply(Divide, input, other)  # type: ignore[no-any-return]


@public(inplace=True)
def floor_divide(input: Any, other: Any) -> Tensor:
    """`input / other` rounded down.

    Shapes: both broadcast together.
    Gradient: 0.
    Errors: integers divided by zero.

    >>> import chainrule as torch
    >>> torch.floor_divide(torch.tensor([7., -7.]), 2)
    tensor([ 3., -4.])
    """
    return apply(FloorDivide, input, other)


@public(inplace=True)
def remainder(input: Any, other: Any) -> Tensor:
    """What is left of `input` after division by `other`, with the sign of `other`.

    Shapes: both broadcast together.
    Gradient: g for `input`, -g * floor(input / other) for `other`.

    >>> import chainrule as torch
    >>> torch.remainder(torch.tensor([7., -7.]), 4)
    tensor([3., 1.])
    """
    require_tensor("remainder", input, other)
    return apply(Remainder, input, other)


@public(inplace=True)
def fmod(input: Any, other: Any) -> Tensor:
    """What is left of `input` after division by `other`, with the sign of `input`.

    Shapes: both broadcast together.
    Gradient: g for `input`, -g * trunc(input / other) for `other`.

    >>> import chainrule as torch
    >>> torch.fmod(torch.tensor([7., -7.]), 4)
    tensor([ 3., -3.])
    """
    require_tensor("fmod", input)
    return apply(Fmod, input, other)


@public(inplace=True, names=("negative",))
def neg(input: Any) -> Tensor:
    """`-input`, elementwise.

    Gradient: -g.
    Errors: a bool tensor cannot be negated.

    >>> import chainrule as torch
    >>> torch.neg(torch.tensor([1., -2.]))
    tensor([-1.,  2.])
    """
    return _negative(input)


@public(out=False)
def positive(input: Any) -> Tensor:
    """`+input`: the tensor itself.

    Gradient: g.

    >>> import chainrule as torch
    >>> torch.positive(torch.tensor([1., -2.]))
    tensor([ 1., -2.])
    """
    if input._array.dtype == np.bool_:
        raise DtypeError("The `+` operator, on a bool tensor is not supported.", [("input", input)])
    return input  # type: ignore[no-any-return]


@public(inplace=True, names=("absolute",))
def abs(input: Any) -> Tensor:
    """The absolute value of each element.

    Gradient: g * sign(input), 0 at 0.

    >>> import chainrule as torch
    >>> torch.abs(torch.tensor([1., -2.]))
    tensor([1., 2.])
    """
    return _absolute(input)


@public(inplace=True)
def reciprocal(input: Any) -> Tensor:
    """`1 / input`, elementwise.

    Gradient: -g / input**2.

    >>> import chainrule as torch
    >>> torch.reciprocal(torch.tensor([2., -4.]))
    tensor([ 0.5000, -0.2500])
    """
    return _reciprocal(input)


@public(inplace=True)
def hypot(input: Any, other: Any) -> Tensor:
    """The length of the hypotenuse: the square root of `input**2 + other**2`.

    Shapes: both broadcast together.
    Gradient: g * input / out, and g * other / out.

    >>> import chainrule as torch
    >>> torch.hypot(torch.tensor([3., 5.]), torch.tensor([4., 12.]))
    tensor([ 5., 13.])
    """
    require_tensors("hypot", input, other)
    return apply(Hypot, input, other)


@public(inplace=True)
def copysign(input: Any, other: Any) -> Tensor:
    """`input` with the sign of `other`.

    Shapes: both broadcast together.
    Gradient: g, negated where the sign changes; 0 for `other`.

    >>> import chainrule as torch
    >>> torch.copysign(torch.tensor([1., -2.]), torch.tensor([-0., 3.]))
    tensor([-1.,  2.])
    """
    require_tensor("copysign", input)
    return apply(Copysign, input, other)


@public(inplace=True)
def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """The point between `input` (weight 0) and `end` (weight 1).

    Shapes: all three broadcast together.
    Gradient: g * (1 - weight), g * weight, and g * (end - input) for `weight`.

    >>> import chainrule as torch
    >>> torch.lerp(torch.tensor([1., 2.]), torch.tensor([3., 6.]), 0.5)
    tensor([2., 4.])
    """
    first, last = input._array.dtype, end._array.dtype
    if first != last:
        raise DtypeError(
            f"expected dtype {first} for `end` but got dtype {last}",
            [("input", input), ("end", end)],
        )
    return apply(Lerp, input, end, weight)  # type: ignore[no-any-return]


@public(inplace=True)
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """`input + value * tensor1 * tensor2`, elementwise.

    Shapes: all three broadcast together.

    >>> import chainrule as torch
    >>> torch.addcmul(torch.tensor([1., 2.]), torch.tensor([3., 4.]), torch.tensor(5.), value=0.1)
    tensor([2.5000, 4.0000])
    """
    product = _mul(tensor1, tensor2)
    if value != 1:
        product = product * value
    return apply(Add, input, product)  # type: ignore[no-any-return]


@public(inplace=True)
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
    """`input + value * tensor1 / tensor2`, elementwise.

    Shapes: all three broadcast together.
    Errors: integer operands.

    >>> import chainrule as torch
    >>> torch.addcdiv(torch.tensor([1., 2.]), torch.tensor([3., 4.]), torch.tensor(5.), value=10)
    tensor([ 7., 10.])
    """
    if not spec.is_inexact(spec.promote(tensor1._array.dtype, tensor2._array.dtype)):
        raise DtypeError(
            "Integer division with addcdiv is no longer supported",
            [("tensor1", tensor1), ("tensor2", tensor2)],
            fix="Convert the operands with .float() first.",
        )
    quotient = _div(tensor1, tensor2)
    if value != 1:
        quotient = quotient * value
    return apply(Add, input, quotient)  # type: ignore[no-any-return]


@public(inplace=True)
def gcd(input: Any, other: Any) -> Tensor:
    """The greatest common divisor of integers.

    Shapes: both broadcast together.
    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.gcd(torch.tensor([12, 7]), torch.tensor([18, 0]))
    tensor([6, 7])
    """
    require_tensors("gcd", input, other)
    return apply(Gcd, input, other)


@public(inplace=True)
def lcm(input: Any, other: Any) -> Tensor:
    """The least common multiple of integers.

    Shapes: both broadcast together.
    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.lcm(torch.tensor([4, 7]), torch.tensor([6, 0]))
    tensor([12,  0])
    """
    require_tensors("lcm", input, other)
    return apply(Lcm, input, other)


def updating(ufunc: Any, general: Any, floats_only: bool = False) -> Any:
    """`general`, an in-place method, without temporary where no graph is concerned."""

    def call(self: Tensor, other: Any, **options: Any) -> Tensor:
        a = self._array
        kind = a.dtype.kind
        b: Any
        if isinstance(other, Tensor):
            b, quiet = other._array, other._node is None
            fits = b.dtype is a.dtype
        else:
            b, quiet = other, True
            fits = type(b) is int or (type(b) is float and kind == "f")
        if (
            not fits
            or options
            or not (kind == "f" or (kind == "i" and not floats_only))
            or not a.flags.writeable
            or 0 in a.strides
            or (mode.recording and not (quiet and self._node is None and unrecorded(self)))
        ):
            return general(self, other, **options)  # type: ignore[no-any-return]
        try:
            ufunc(a, b, out=a)
        except Exception:
            pass  # the general way says what is wrong
        else:
            wrote(self, None)
            return self
        return general(self, other)  # type: ignore[no-any-return]

    call.__name__, call.__doc__ = general.__name__, general.__doc__
    return call


def unrecorded(view: Tensor) -> bool:
    """Whether the tensor that this is a view of is without graph."""
    return view._base is None or view._base._node is None


def _into(self: Tensor, other: Any) -> Any:
    """other / self, as torch computes it: the reciprocal times `other`."""
    return self.reciprocal() * other


T: Any = Tensor
for _name, _ufunc, _floats in (
    ("add_", np.add, False), ("sub_", np.subtract, False), ("mul_", np.multiply, False),
    ("div_", np.divide, True),
):  # fmt: skip
    setattr(T, _name, updating(_ufunc, getattr(T, _name), _floats))
T.subtract_, T.multiply_, T.divide_ = T.sub_, T.mul_, T.div_
T.__add__ = T.__radd__ = _add
T.__sub__, T.__rsub__ = _sub, binary(Subtract, swap=True)
T.__mul__ = T.__rmul__ = _mul
T.__truediv__ = T.__div__ = _div
T.__rtruediv__ = T.__rdiv__ = _into
T.__floordiv__, T.__rfloordiv__ = operator(FloorDivide), operator(FloorDivide, swap=True)
T.__mod__, T.__rmod__ = operator(Remainder), operator(Remainder, swap=True)
T.__neg__, T.__abs__, T.__pos__ = _negative, _absolute, positive
T.__iadd__, T.__isub__, T.__imul__ = T.add_, T.sub_, T.mul_
T.__itruediv__ = T.__idiv__ = T.div_
T.__ifloordiv__, T.__imod__ = T.floor_divide_, T.remainder_
