"""What many functions here do with their arguments: ints to tuples, checks, reductions."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule import spec
from chainrule.autograd.inplace import check_writable, name, write
from chainrule.errors import ArgumentError, DtypeError
from chainrule.tensor import Tensor


def several(value: Any, n: int, what: str) -> tuple[int, ...]:
    """An int, or one or `n` ints, as `n` ints."""
    if isinstance(value, (tuple, list)):
        if len(value) == 1 != n:
            value = (*value,) * n
        if len(value) != n:
            raise ArgumentError(
                f"expected {what} to be a single integer value or a list of {n} values to match "
                f"the dimensions, but got {what}={list(value)}"
            )
        return tuple(int(v) for v in value)
    return (int(value),) * n


def floating(x: Any, what: str) -> None:
    """Raise unless `x` has a floating dtype."""
    if not spec.is_inexact(x._array.dtype):
        raise DtypeError(
            f"\"{what}\" not implemented for '{name(x._array.dtype)}'", [("input", x)],
            fix="Convert it first, as in x.float().",
        )  # fmt: skip


def into(x: Tensor, result: Tensor, inplace: bool) -> Tensor:
    """`result`, written into `x` if asked."""
    if not inplace:
        return result
    check_writable(x)
    return write(x, result)


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """'none', 'mean' or 'sum', from torch's present argument or its two old ones."""
    if size_average is not None or reduce is not None:
        average = True if size_average is None else size_average
        reduction = "none" if reduce is False else "mean" if average else "sum"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' "
            "instead.", stacklevel=3,
        )  # fmt: skip
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(
            f"{reduction} is not a valid value for reduction", fix="Use 'none', 'mean' or 'sum'."
        )
    return reduction


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """The loss itself, its mean or its sum."""
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss
