"""Numbers that may be unknown while torch traces: here all are known, and computed at once."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor


class SymInt:
    """A whole number that is not known yet; sizes here are plain ints, so nothing is one."""

    def __init__(self, node: Any = None) -> None:
        raise ArgumentError(f"{type(self).__name__} stands for numbers that are not known yet",
                            fix="Use a plain number.")  # fmt: skip


class SymFloat(SymInt):
    """A number that is not known yet; numbers here are plain floats, so nothing is one."""


class SymBool(SymInt):
    """A truth value that is not known yet; here they are plain bools, so nothing is one."""


def sym_int(a: Any) -> int:
    """A number as an int, rounded towards zero.

    >>> import chainrule as torch
    >>> torch.sym_int(-2.7)
    -2
    """
    return builtins.int(a)


def sym_float(a: Any) -> float:
    """A number as a float.

    >>> import chainrule as torch
    >>> torch.sym_float(2)
    2.0
    """
    return builtins.float(a)


def sym_not(a: Any) -> bool:
    """The opposite of a truth value.

    >>> import chainrule as torch
    >>> torch.sym_not(True)
    False
    """
    return not a


def mixed(pick: Any, a: Any, b: Any) -> Any:
    """`pick(a, b)`, a float if one of them is."""
    result = pick(a, b)
    return builtins.float(result) if isinstance(a, float) or isinstance(b, float) else result


def sym_max(a: Any, b: Any) -> Any:
    """The larger of two numbers, a float if one of them is.

    >>> import chainrule as torch
    >>> torch.sym_max(2, 1.0)
    2.0
    """
    return mixed(max, a, b)


def sym_min(a: Any, b: Any) -> Any:
    """The smaller of two numbers, a float if one of them is.

    >>> import chainrule as torch
    >>> torch.sym_min(2, 3)
    2
    """
    return mixed(min, a, b)


def sym_sum(args: Sequence[Any]) -> Any:
    """The sum of numbers.

    >>> import chainrule as torch
    >>> torch.sym_sum([1, 2, 3])
    6
    """
    return sum(args)


def sym_sqrt(a: Any) -> float:
    """The square root of a number.

    >>> import chainrule as torch
    >>> torch.sym_sqrt(4)
    2.0
    """
    return math.sqrt(a)


def sym_ite(b: Any, t: Any, f: Any) -> Any:
    """`t` if `b` else `f`.

    >>> import chainrule as torch
    >>> torch.sym_ite(True, 1, 2)
    1
    """
    return t if b else f


def cond(
    pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], operands: Any = ()
) -> Any:
    """Call one of two functions, as a truth value or a tensor of one element says.

    Gradient: that of the function called.

    >>> import chainrule as torch
    >>> x = torch.tensor(2.)
    >>> torch.cond(x > 0, torch.sqrt, torch.neg, (x,))
    tensor(1.4142)
    """
    if not isinstance(pred, (bool, Tensor)):
        raise ArgumentError(f"Expected pred to be bool or tensor, but got {pred}.")
    if isinstance(pred, Tensor) and pred._array.size != 1:
        raise ArgumentError(
            f"Expected pred to be bool or single-element tensor, but got {tuple(pred.shape)}."
        )
    return (true_fn if pred else false_fn)(*operands)


for _name in ("SymInt", "SymFloat", "SymBool", "sym_int", "sym_float", "sym_not", "sym_max",
              "sym_min", "sym_sum", "sym_sqrt", "sym_ite", "cond"):  # fmt: skip
    EXPORTS[_name] = globals()[_name]
