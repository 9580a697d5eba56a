"""Comparisons, logic, extremes of two tensors, and selection."""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from chainrule.autograd.inplace import name
from chainrule.autograd.mode import mode
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError
from chainrule.functional.border import EXPORTS, operator, public, require_tensor, require_tensors
from chainrule.graph import user_frame
from chainrule.ops.comparison import (
    Equal,
    Fmax,
    Fmin,
    Greater,
    GreaterEqual,
    IsClose,
    IsFinite,
    IsInf,
    IsNan,
    Less,
    LessEqual,
    LogicalAnd,
    LogicalNot,
    LogicalOr,
    LogicalXor,
    Maximum,
    Minimum,
    NotEqual,
    Signbit,
    Where,
)
from chainrule.tensor import Tensor, from_array, new


@public(inplace=True)
def eq(input: Any, other: Any) -> Tensor:
    """Whether `input == other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.eq(torch.tensor([1., 2., 3.]), 2)
    tensor([False,  True, False])
    """
    require_tensor("eq", input)
    return apply(Equal, input, other)


@public(inplace=True, names=("not_equal",))
def ne(input: Any, other: Any) -> Tensor:
    """Whether `input != other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.ne(torch.tensor([1., 2., 3.]), 2)
    tensor([ True, False,  True])
    """
    require_tensor("ne", input)
    return apply(NotEqual, input, other)


@public(inplace=True, names=("less",))
def lt(input: Any, other: Any) -> Tensor:
    """Whether `input < other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.lt(torch.tensor([1., 2., 3.]), 2)
    tensor([ True, False, False])
    """
    require_tensor("lt", input)
    return apply(Less, input, other)


@public(inplace=True, names=("less_equal",))
def le(input: Any, other: Any) -> Tensor:
    """Whether `input <= other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.le(torch.tensor([1., 2., 3.]), 2)
    tensor([ True,  True, False])
    """
    require_tensor("le", input)
    return apply(LessEqual, input, other)


@public(inplace=True, names=("greater",))
def gt(input: Any, other: Any) -> Tensor:
    """Whether `input > other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.gt(torch.tensor([1., 2., 3.]), 2)
    tensor([False, False,  True])
    """
    require_tensor("gt", input)
    return apply(Greater, input, other)


@public(inplace=True, names=("greater_equal",))
def ge(input: Any, other: Any) -> Tensor:
    """Whether `input >= other`, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.ge(torch.tensor([1., 2., 3.]), 2)
    tensor([False,  True,  True])
    """
    require_tensor("ge", input)
    return apply(GreaterEqual, input, other)


@public(inplace=True)
def logical_and(input: Any, other: Any) -> Tensor:
    """Whether both are nonzero, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.logical_and(torch.tensor([True, False]), torch.tensor([1., 1.]))
    tensor([ True, False])
    """
    require_tensors("logical_and", input, other)
    return apply(LogicalAnd, input, other)


@public(inplace=True)
def logical_or(input: Any, other: Any) -> Tensor:
    """Whether one of both is nonzero, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.logical_or(torch.tensor([True, False]), torch.tensor([0., 0.]))
    tensor([ True, False])
    """
    require_tensors("logical_or", input, other)
    return apply(LogicalOr, input, other)


@public(inplace=True)
def logical_xor(input: Any, other: Any) -> Tensor:
    """Whether exactly one of both is nonzero, elementwise.

    Shapes: both broadcast together.

    >>> import chainrule as torch
    >>> torch.logical_xor(torch.tensor([True, False]), torch.tensor([1., 1.]))
    tensor([False,  True])
    """
    require_tensors("logical_xor", input, other)
    return apply(LogicalXor, input, other)


@public(inplace=True)
def logical_not(input: Any) -> Tensor:
    """Whether each element is zero.

    >>> import chainrule as torch
    >>> torch.logical_not(torch.tensor([0., 2.]))
    tensor([ True, False])
    """
    return apply(LogicalNot, input)  # type: ignore[no-any-return]


@public(out=False)
def isnan(input: Any) -> Tensor:
    """Whether each element is NaN.

    >>> import chainrule as torch
    >>> torch.isnan(torch.tensor([1., float("nan")]))
    tensor([False,  True])
    """
    return apply(IsNan, input)  # type: ignore[no-any-return]


@public(out=False)
def isinf(input: Any) -> Tensor:
    """Whether each element is infinite.

    >>> import chainrule as torch
    >>> torch.isinf(torch.tensor([1., -float("inf")]))
    tensor([False,  True])
    """
    return apply(IsInf, input)  # type: ignore[no-any-return]


@public(out=False)
def isfinite(input: Any) -> Tensor:
    """Whether each element is neither infinite nor NaN.

    >>> import chainrule as torch
    >>> torch.isfinite(torch.tensor([1., -float("inf")]))
    tensor([ True, False])
    """
    return apply(IsFinite, input)  # type: ignore[no-any-return]


@public
def isposinf(input: Any) -> Tensor:
    """Whether each element is +inf.

    >>> import chainrule as torch
    >>> torch.isposinf(torch.tensor([float("inf"), -float("inf")]))
    tensor([ True, False])
    """
    return apply(LogicalAnd, isinf(input), gt(input, 0))  # type: ignore[no-any-return]


@public
def isneginf(input: Any) -> Tensor:
    """Whether each element is -inf.

    >>> import chainrule as torch
    >>> torch.isneginf(torch.tensor([float("inf"), -float("inf")]))
    tensor([False,  True])
    """
    return apply(LogicalAnd, isinf(input), lt(input, 0))  # type: ignore[no-any-return]


@public(out=False)
def isreal(input: Any) -> Tensor:
    """Whether each element has no imaginary part; true for all that are not complex.

    >>> import chainrule as torch
    >>> torch.isreal(torch.tensor([1., 2.]))
    tensor([True, True])
    """
    array = input._array
    real = array.imag == 0 if array.dtype.kind == "c" else np.ones(array.shape, np.bool_)
    return from_array(np.asarray(real))  # type: ignore[no-any-return]


@public
def signbit(input: Any) -> Tensor:
    """Whether the sign of each element is set; also of -0.

    >>> import chainrule as torch
    >>> torch.signbit(torch.tensor([1., -0.]))
    tensor([False,  True])
    """
    return apply(Signbit, input)  # type: ignore[no-any-return]


@public(out=False)
def isclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Whether `|input - other| <= atol + rtol * |other|`, elementwise.

    Shapes: both broadcast together.
    Errors: operands of different dtypes.

    >>> import chainrule as torch
    >>> torch.isclose(torch.tensor([1., 2.]), torch.tensor([1.000001, 2.1]))
    tensor([ True, False])
    """
    require_tensors("isclose", input, other)
    for option, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise ArgumentError(f"{option} must be greater than or equal to zero, but got {value}")
    check_same_dtype(input, other)
    return apply(  # type: ignore[no-any-return]
        IsClose, input, other, rtol=rtol, atol=atol, equal_nan=equal_nan
    )


@public(out=False)
def allclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all elements are close, as a Python bool (see `isclose`).

    Shapes: both broadcast together.
    Errors: operands of different dtypes.

    >>> import chainrule as torch
    >>> torch.allclose(torch.tensor([1., 2.]), torch.tensor([1.000001, 2.]))
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


@public(out=False)
def equal(input: Any, other: Any) -> bool:
    """Whether both have the same shape and the same elements, as a Python bool.

    >>> import chainrule as torch
    >>> torch.equal(torch.tensor([1., 2.]), torch.tensor([1., 2.]))
    True
    """
    return bool(np.array_equal(input._array, other._array))


@public
def maximum(input: Any, other: Any) -> Tensor:
    """The larger of both, elementwise; NaN if one is NaN.

    Shapes: both broadcast together.
    Gradient: g to the larger one, at ties half to each.

    >>> import chainrule as torch
    >>> torch.maximum(torch.tensor([1., 5.]), torch.tensor([3., 2.]))
    tensor([3., 5.])
    """
    require_tensors("maximum", input, other)
    return apply(Maximum, input, other)


@public
def minimum(input: Any, other: Any) -> Tensor:
    """The smaller of both, elementwise; NaN if one is NaN.

    Shapes: both broadcast together.
    Gradient: g to the smaller one, at ties half to each.

    >>> import chainrule as torch
    >>> torch.minimum(torch.tensor([1., 5.]), torch.tensor([3., 2.]))
    tensor([1., 2.])
    """
    require_tensors("minimum", input, other)
    return apply(Minimum, input, other)


@public
def fmax(input: Any, other: Any) -> Tensor:
    """The larger of both, elementwise; a number wins over NaN.

    Shapes: both broadcast together.
    Gradient: g to `input` where it is >= `other`, else to `other`.

    >>> import chainrule as torch
    >>> torch.fmax(torch.tensor([1., float("nan")]), torch.tensor([3., 2.]))
    tensor([3., 2.])
    """
    require_tensors("fmax", input, other)
    return apply(Fmax, input, other)


@public
def fmin(input: Any, other: Any) -> Tensor:
    """The smaller of both, elementwise; a number wins over NaN.

    Shapes: both broadcast together.
    Gradient: g to `input` where it is <= `other`, else to `other`.

    >>> import chainrule as torch
    >>> torch.fmin(torch.tensor([1., float("nan")]), torch.tensor([3., 2.]))
    tensor([1., 2.])
    """
    require_tensors("fmin", input, other)
    return apply(Fmin, input, other)


@public(method=False)
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, else `other`.

    With the condition alone: the places where it holds, as `nonzero(as_tuple=True)`.

    Shapes: all three broadcast together.
    Gradient: g where the condition holds for `input`, the rest for `other`.
    Errors: a condition that is not boolean.

    >>> import chainrule as torch
    >>> torch.where(torch.tensor([True, False]), torch.tensor([1., 2.]), 0.)
    tensor([1., 0.])
    """
    if input is None and other is None:
        return EXPORTS["nonzero"](condition, as_tuple=True)
    kind = condition._array.dtype
    if kind == np.uint8:
        condition = condition != 0
    elif kind != np.bool_:
        raise DtypeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {kind}",
            [("condition", condition)],
            fix="Compare it with something: torch.where(condition != 0, ...).",
        )
    return apply(Where, condition, input, other)


def check_same_dtype(input: Any, other: Any) -> None:
    """isclose and allclose compare like with like."""
    if input._array.dtype != other._array.dtype:
        raise DtypeError(
            f"{name(input._array.dtype)} did not match {name(other._array.dtype)}",
            [("input", input), ("other", other)],
            fix="Convert one of them with .to(dtype).",
        )


def where_method(self: Tensor, condition: Any, other: Any) -> Any:
    """`self` where the condition holds, else `other`: `torch.where(condition, self, other)`."""
    return EXPORTS["where"](condition, self, other)


def comparing(op: Any) -> Any:
    """`apply(op, x, y)` as an operator, without the generality for operands of one dtype."""
    raw, general = op.raw, operator(op)

    def call(x: Tensor, y: Any) -> Any:
        a = x._array
        try:
            b = y._array
        except AttributeError:
            if type(y) not in FITS.get(a.dtype.kind, ()) or a.dtype.itemsize < 4:
                return general(x, y)
            b = y
        else:
            if a.dtype is not b.dtype:
                return general(x, y)
        try:
            out = raw(a, b)
        except Exception:
            return general(x, y)
        t = new(Tensor)
        t._array = np.asarray(out)
        if x._node is None or not mode.recording:
            t._cut = x._cut
        else:
            t._cut = (f"{op.name} (its result is not floating point)", user_frame(_getframe(1)))
        return t

    call.__name__ = op.name
    return call


FITS = {"f": (float, int), "i": (int,)}
T: Any = Tensor
T.where = where_method
T.__eq__, T.__ne__ = comparing(Equal), comparing(NotEqual)
T.__lt__, T.__le__ = comparing(Less), comparing(LessEqual)
T.__gt__, T.__ge__ = comparing(Greater), comparing(GreaterEqual)
