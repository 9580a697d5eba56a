"""Operations on the bits of integers, and on booleans."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import apply
from chainrule.errors import DtypeError
from chainrule.functional.border import operator, public, require_tensor
from chainrule.ops.bitwise import (
    BitwiseAnd,
    BitwiseNot,
    BitwiseOr,
    BitwiseXor,
    LeftShift,
    RightShift,
)
from chainrule.tensor import Tensor


@public(inplace=True)
def bitwise_and(input: Any, other: Any) -> Tensor:
    """`input & other`; of booleans, logical and.

    Shapes: both broadcast together.
    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.bitwise_and(torch.tensor([6, 3]), torch.tensor([3, 5]))
    tensor([2, 1])
    """
    require_tensor("bitwise_and", input, other)
    return apply(BitwiseAnd, input, other)


@public(inplace=True)
def bitwise_or(input: Any, other: Any) -> Tensor:
    """`input | other`; of booleans, logical or.

    Shapes: both broadcast together.
    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.bitwise_or(torch.tensor([6, 3]), torch.tensor([3, 5]))
    tensor([7, 7])
    """
    require_tensor("bitwise_or", input, other)
    return apply(BitwiseOr, input, other)


@public(inplace=True)
def bitwise_xor(input: Any, other: Any) -> Tensor:
    """`input ^ other`; of booleans, logical exclusive or.

    Shapes: both broadcast together.
    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.bitwise_xor(torch.tensor([6, 3]), torch.tensor([3, 5]))
    tensor([5, 6])
    """
    require_tensor("bitwise_xor", input, other)
    return apply(BitwiseXor, input, other)


@public(inplace=True)
def bitwise_not(input: Any) -> Tensor:
    """`~input`; of booleans, logical not.

    Errors: floating operands.

    >>> import chainrule as torch
    >>> torch.bitwise_not(torch.tensor([0, 5]))
    tensor([-1, -6])
    """
    return apply(BitwiseNot, input)  # type: ignore[no-any-return]


@public(inplace=True)
def bitwise_left_shift(input: Any, other: Any) -> Tensor:
    """`input << other`: times 2**other, as bits.

    Shapes: both broadcast together.
    Errors: floating and bool operands.

    >>> import chainrule as torch
    >>> torch.bitwise_left_shift(torch.tensor([1, 3]), 2)
    tensor([ 4, 12])
    """
    require_tensor("bitwise_left_shift", input, other)
    return apply(LeftShift, input, other)


@public(inplace=True)
def bitwise_right_shift(input: Any, other: Any) -> Tensor:
    """`input >> other`: divided by 2**other, rounded down.

    Shapes: both broadcast together.
    Errors: floating and bool operands.

    >>> import chainrule as torch
    >>> torch.bitwise_right_shift(torch.tensor([8, -8]), 2)
    tensor([ 2, -2])
    """
    require_tensor("bitwise_right_shift", input, other)
    return apply(RightShift, input, other)


def invert(self: Tensor) -> Tensor:
    """`~self`, of integers and booleans."""
    if self._array.dtype.kind not in "biu":
        raise DtypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
            [("tensor", self)],
        )
    return apply(BitwiseNot, self)  # type: ignore[no-any-return]


T: Any = Tensor
T.__invert__ = invert
T.__and__ = operator(BitwiseAnd)
T.__rand__ = operator(BitwiseAnd, swap=True)
T.__or__ = operator(BitwiseOr)
T.__ror__ = operator(BitwiseOr, swap=True)
T.__xor__ = operator(BitwiseXor)
T.__rxor__ = operator(BitwiseXor, swap=True)
T.__lshift__ = operator(LeftShift)
T.__rlshift__ = operator(LeftShift, swap=True)
T.__rshift__ = operator(RightShift)
T.__rrshift__ = operator(RightShift, swap=True)
T.__iand__, T.__ior__, T.__ixor__ = T.bitwise_and_, T.bitwise_or_, T.bitwise_xor_
T.__ilshift__, T.__irshift__ = T.bitwise_left_shift_, T.bitwise_right_shift_
