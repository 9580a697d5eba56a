"""Dropout and its kin; the masks are those that torch draws from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.nn.functional.arguments import into
from chainrule.tensor import Tensor, from_array


def _probability(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")


def _kept(x: Tensor, shape: Any, p: float) -> Tensor:
    """Ones with probability 1 - p, drawn in the order in which the elements lie in memory."""
    a = x._array
    wanted = shape(x)
    if a.flags.c_contiguous or wanted != a.shape:
        return from_array(np.empty(wanted, a.dtype)).bernoulli_(1 - p)
    mask = np.empty_like(a)  # in the same order as `a`
    order = sorted(range(a.ndim), key=lambda axis: -mask.strides[axis])
    from_array(mask.transpose(order)).bernoulli_(1 - p)
    return from_array(mask)


def _shape(x: Tensor) -> tuple[int, ...]:
    return x._array.shape


def _feature_shape(x: Tensor) -> tuple[int, ...]:
    """One element a channel: (N, C, 1, ...)."""
    shape = x._array.shape
    if len(shape) < 2:
        raise ArgumentError("Feature dropout requires at least 2 dimensions in the input",
                            [("input", x)])  # fmt: skip
    return (*shape[:2], *(1,) * (len(shape) - 2))


def _dropout(x: Tensor, p: float, training: bool, inplace: bool, shape: Any) -> Tensor:
    _probability(p)
    if p == 0 or not training or x._array.size == 0:
        return x
    if p == 1:
        return into(x, x * x.new_zeros(()), inplace)
    mask = _kept(x, shape, p)
    mask._array /= mask._array.dtype.type(1 - p)
    return into(x, x * mask, inplace)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to zero with probability `p`, the others divided by 1 - p, while training.

    Gradient: g times the same mask.

    >>> import chainrule as torch
    >>> torch.nn.functional.dropout(torch.ones(3), p=0.5, training=False)
    tensor([1., 1., 1.])
    """
    return _dropout(input, p, training, inplace, _shape)


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Whole channels of (N, C, L) or (C, L) set to zero with probability `p`.

    >>> import chainrule as torch
    >>> torch.nn.functional.dropout1d(torch.ones(1, 2, 2), p=0.)
    tensor([[[1., 1.],
             [1., 1.]]])
    """
    _probability(p)
    if input._array.ndim not in (2, 3):
        raise ArgumentError(
            f"dropout1d: Expected 2D or 3D input, but received a {input._array.ndim}D input. "
            "Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial "
            "dimension, a channel dimension, and an optional batch dimension."
        )
    if input._array.ndim == 3:
        return _dropout(input, p, training, inplace, _feature_shape)
    return _dropout(input, p, training, inplace, lambda x: (x._array.shape[0], 1))


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Whole channels of (N, C, H, W) set to zero with probability `p`.

    >>> import chainrule as torch
    >>> torch.nn.functional.dropout2d(torch.ones(1, 1, 1, 2), p=0.)
    tensor([[[[1., 1.]]]])
    """
    return _dropout(input, p, training, inplace, _feature_shape)


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Whole channels of (N, C, D, H, W) set to zero with probability `p`.

    >>> import chainrule as torch
    >>> torch.nn.functional.dropout3d(torch.ones(1, 1, 1, 1, 2), p=0.)
    tensor([[[[[1., 1.]]]]])
    """
    return _dropout(input, p, training, inplace, _feature_shape)


def _alpha(x: Tensor, p: float, training: bool, inplace: bool, shape: Any) -> Tensor:
    _probability(p)
    if p == 0 or not training or x._array.size == 0:
        return x
    if p == 1:
        return into(x, x * x.new_zeros(()), inplace)
    kept = _kept(x, shape, p)._array
    low = 1.7580993408473766  # minus the limit of SELU at minus infinity
    scale = 1 / np.sqrt((low * low * p + 1) * (1 - p))
    offset = ((kept - 1) * (low * scale) + low * scale * p).astype(x._array.dtype)
    mask = (kept * scale).astype(x._array.dtype)
    return into(x, x * from_array(mask) + from_array(offset), inplace)


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Dropout for SELU networks: mean and variance stay 0 and 1 (Klambauer et al. 2017).

    >>> import chainrule as torch
    >>> torch.nn.functional.alpha_dropout(torch.ones(2))
    tensor([1., 1.])
    """
    return _alpha(input, p, training, inplace, _shape)


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels.

    >>> import chainrule as torch
    >>> torch.nn.functional.feature_alpha_dropout(torch.ones(1, 1, 2))
    tensor([[[1., 1.]]])
    """
    return _alpha(input, p, training, inplace, _feature_shape)
