"""Results of the input's shape in which masked-out elements play no part."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.autograd.record import apply
from chainrule.functional.border import EXPORTS
from chainrule.functional.softmax import softmin as plain_softmin
from chainrule.masked.masks import as_asked, axes_of, filled, highest, lowest
from chainrule.masked.reductions import norm
from chainrule.ops.arithmetic import Divide
from chainrule.ops.comparison import Maximum
from chainrule.tensor import Tensor, from_array


def softmax(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """e**x / (sum of e**x along `dim`) over the elements where `mask` is True, 0 elsewhere.

    Where none is True, the result is nan.
    Gradient: that of softmax.

    >>> import chainrule as torch
    >>> torch.masked.softmax(torch.zeros(3), 0, mask=torch.tensor([True, False, True]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    x = filled(input, mask, lowest(input._array.dtype))
    (axis,) = axes_of(int(dim), x._array.ndim)
    return EXPORTS["softmax"](x, axis, dtype)  # type: ignore[no-any-return]


def log_softmax(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The logarithm of `softmax`: -inf where `mask` is False.

    Gradient: that of log_softmax.

    >>> import chainrule as torch
    >>> torch.masked.log_softmax(torch.zeros(3), 0, mask=torch.tensor([True, False, True]))
    tensor([-0.6931,    -inf, -0.6931])
    """
    x = filled(input, mask, lowest(input._array.dtype))
    (axis,) = axes_of(int(dim), x._array.ndim)
    return EXPORTS["log_softmax"](x, axis, dtype)  # type: ignore[no-any-return]


def softmin(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """`softmax` of the negative input.

    Gradient: that of softmax, negated.

    >>> import chainrule as torch
    >>> torch.masked.softmin(torch.zeros(3), 0, mask=torch.tensor([True, False, True]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    x = filled(input, mask, highest(input._array.dtype))
    (axis,) = axes_of(int(dim), x._array.ndim)
    return plain_softmin(x, axis, dtype)  # type: ignore[no-any-return]


def normalize(
    input: Any, ord: float, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The elements where `mask` is True divided by their norm, or by `eps` if that is larger.

    Gradient: that of the quotient.

    >>> import chainrule as torch
    >>> mask = torch.tensor([True, False, True])
    >>> torch.masked.normalize(torch.tensor([3., 9., 4.]), 2, 0, mask=mask)
    tensor([0.6000, 0.0000, 0.8000])
    """
    size = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    least = from_array(np.asarray(eps, size._array.dtype))
    return apply(Divide, filled(input, mask, 0), apply(Maximum, size, least))  # type: ignore


def cumsum(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The running sum along `dim` of the elements where `mask` is True.

    Gradient: that of cumsum where the mask is True, else 0.

    >>> import chainrule as torch
    >>> torch.masked.cumsum(torch.tensor([1, 2, 4]), 0, mask=torch.tensor([True, False, True]))
    tensor([1, 1, 5])
    """
    x = filled(input, mask, 0)
    (axis,) = axes_of(int(dim), x._array.ndim)
    kind = input.dtype if dtype is None else dtype
    return as_asked(EXPORTS["cumsum"](x, axis, dtype=kind), input, dtype)  # type: ignore


def cumprod(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The running product along `dim` of the elements where `mask` is True.

    Gradient: that of cumprod where the mask is True, else 0.

    >>> import chainrule as torch
    >>> torch.masked.cumprod(torch.tensor([2, 3, 4]), 0, mask=torch.tensor([True, False, True]))
    tensor([2, 2, 8])
    """
    x = filled(input, mask, 1)
    (axis,) = axes_of(int(dim), x._array.ndim)
    kind = input.dtype if dtype is None else dtype
    return as_asked(EXPORTS["cumprod"](x, axis, dtype=kind), input, dtype)  # type: ignore
