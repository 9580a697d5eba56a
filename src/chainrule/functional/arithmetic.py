"""Arithmetic: add, sub, mul, div and the operators."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.record import apply, binary, unary
from chainrule.functional.border import public
from chainrule.ops.arithmetic import Add, Divide, Multiply, Negative, Subtract
from chainrule.tensor import Tensor

_add, _sub, _mul = binary(Add), binary(Subtract), binary(Multiply)
_div = binary(Divide, floats_only=True)


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
        other = other * alpha
    return apply(Add, input, other)


@public(inplace=True, names=("negative",))
def neg(input: Any) -> Tensor:
    """`-input`, elementwise.

    Gradient: -g.

    >>> import chainrule as torch
    >>> torch.neg(torch.tensor([1., -2.]))
    tensor([-1.,  2.])
    """
    return apply(Negative, input)  # type: ignore[no-any-return]


Tensor.__add__ = Tensor.__radd__ = _add  # type: ignore
Tensor.__sub__ = _sub  # type: ignore
Tensor.__rsub__ = binary(Subtract, swap=True)  # type: ignore
Tensor.__mul__ = Tensor.__rmul__ = _mul  # type: ignore
Tensor.__truediv__ = _div  # type: ignore
Tensor.__rtruediv__ = binary(Divide, swap=True, floats_only=True)  # type: ignore
Tensor.__neg__ = unary(Negative)  # type: ignore
