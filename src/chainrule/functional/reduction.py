"""Reductions with torch's names."""

from __future__ import annotations

from typing import Any

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.functional.border import public
from chainrule.ops.reduction import Sum
from chainrule.ops.shape import AsType
from chainrule.tensor import Tensor


@public
def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim`, an int or several; over everything if None.  Integers sum to int64.

    Shapes: `dim` is removed, or kept at size 1 with `keepdim`.
    Gradient: g, repeated along `dim`.

    >>> import chainrule as torch
    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """
    wanted = dtypes.numpy_dtype(dtype)
    if wanted is None and spec.category(input._array.dtype) < 2:
        wanted = spec.INT64
    if wanted is not None and wanted != input._array.dtype:
        input = apply(AsType, input, dtype=wanted)
    axis = spec.normalize_axes(dim, input.ndim) if dim != () else tuple(range(input.ndim))
    return apply(Sum, input, axis=axis, keepdims=keepdim)  # type: ignore[no-any-return]
