"""Matrices of powers."""

from __future__ import annotations

from typing import Any

from chainrule.errors import ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.creation import as_size
from chainrule.tensor import Tensor


def vander(x: Tensor, N: Any = None, increasing: bool = False) -> Tensor:
    """The matrix whose columns are the powers of x, from N - 1 down to 0, or up if `increasing`.

    Shapes: x (n,); the result (n, N), square if N is left out.
    Gradient: g · k · x^(k-1), summed over the columns.

    >>> import chainrule as torch
    >>> torch.vander(torch.tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    if x._array.ndim != 1:
        raise ShapeError("x must be a one-dimensional tensor.", [("x", x)])
    count = x._array.size if N is None else as_size(N, 1, "vander")
    if count < 0:
        raise ShapeError("N must be non-negative.", [("N", count)])
    columns = [EXPORTS["ones_like"](x)]
    while len(columns) < count:  # products, not powers: exact for integers, smooth at 0
        columns.append(columns[-1] * x)
    columns = columns[:count] if increasing else columns[:count][::-1]
    if not columns:
        return EXPORTS["empty"](x._array.size, 0, dtype=x.dtype)  # type: ignore[no-any-return]
    return EXPORTS["stack"](columns, 1)  # type: ignore[no-any-return]


EXPORTS["vander"] = vander
