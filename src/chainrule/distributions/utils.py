"""What distributions share: broadcasting of arguments, probabilities and logits, lazy values."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

import chainrule as torch
from chainrule import spec
from chainrule.errors import ArgumentError
from chainrule.tensor import Tensor, from_array

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]  # fmt: skip

euler_constant = 0.5772156649015329
NUMBERS = (int, float, bool, complex, np.integer, np.floating)


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """The values as tensors of one shape; numbers get the dtype of the first tensor.

    >>> import chainrule as torch
    >>> torch.distributions.utils.broadcast_all(1., torch.zeros(2))
    (tensor([1., 1.]), tensor([0., 0.]))
    """
    tensors = values
    if not all(isinstance(v, Tensor) for v in values):
        if not all(isinstance(v, (Tensor, *NUMBERS)) for v in values):
            raise ArgumentError(
                "Input arguments must all be instances of Number, torch.Tensor or objects "
                "implementing __torch_function__.",
                [(f"value {i}", v) for i, v in enumerate(values)],
            )
        like = next((v._array.dtype for v in values if isinstance(v, Tensor)),
                    spec.Defaults.floating)  # fmt: skip
        tensors = tuple(v if isinstance(v, Tensor) else from_array(np.asarray(v).astype(like))
                        for v in values)  # fmt: skip
    shape = tensors[0]._array.shape
    if all(t._array.shape == shape for t in tensors):
        return tensors
    return tuple(torch.broadcast_tensors(*tensors))


def _standard_normal(shape: Any, dtype: Any, device: Any = None) -> Tensor:
    """Normal numbers of mean 0 and variance 1."""
    return torch.empty(shape, dtype=dtype).normal_()


def _sum_rightmost(value: Tensor, dim: int) -> Tensor:
    """The sum over the last `dim` dimensions."""
    if dim == 0:
        return value
    return value.reshape(value.shape[:-dim] + (-1,)).sum(-1)


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """Probabilities of logits: sigmoid if `is_binary`, else softmax over the last dimension.

    >>> import chainrule as torch
    >>> torch.distributions.utils.logits_to_probs(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """
    return torch.sigmoid(logits) if is_binary else torch.softmax(logits, dim=-1)


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities kept away from 0 and 1 by the machine epsilon.

    >>> import chainrule as torch
    >>> torch.distributions.utils.clamp_probs(torch.tensor([0., 0.5]))
    tensor([1.1921e-07, 5.0000e-01])
    """
    eps = torch.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """Logits of probabilities: log(p / (1 - p)) if `is_binary`, else log p.

    >>> import chainrule as torch
    >>> torch.distributions.utils.probs_to_logits(torch.tensor(0.5), is_binary=True)
    tensor(0.)
    """
    inside = clamp_probs(probs)
    return torch.log(inside) - torch.log1p(-inside) if is_binary else torch.log(inside)


class lazy_property:
    """A property that is computed once, at its first use, and then is an attribute.

    >>> import chainrule as torch
    >>> class Square:
    ...     @torch.distributions.utils.lazy_property
    ...     def area(self):
    ...         print("computing")
    ...         return 4
    >>> s = Square()
    >>> s.area + s.area
    computing
    8
    """

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        update_wrapper(self, wrapped)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with torch.enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


def below(n: int, diag: int) -> Tensor:
    """The mask of the elements on and below diagonal `diag` of an n by n matrix."""
    return from_array(np.tri(n, n, diag, dtype=np.bool_))


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The elements on and below a diagonal, row by row: (..., n, n) -> (..., m).

    >>> import chainrule as torch
    >>> torch.distributions.utils.tril_matrix_to_vec(torch.tensor([[1., 0.], [2., 3.]]))
    tensor([1., 2., 3.])
    """
    n = mat.shape[-1]
    if not -n <= diag < n:
        raise ArgumentError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    return mat[..., below(n, diag)]


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """The inverse of `tril_matrix_to_vec`; zeros elsewhere.

    >>> import chainrule as torch
    >>> torch.distributions.utils.vec_to_tril_matrix(torch.tensor([1., 2., 3.]))
    tensor([[1., 0.],
            [2., 3.]])
    """
    k = 1 + 2 * diag
    size = (-k + (k**2 + 8 * vec.shape[-1] + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    n = round(size)
    if n - size > torch.finfo(vec.dtype).eps:
        raise ArgumentError(
            f"The size of last dimension is {vec.shape[-1]} which cannot be expressed as the "
            "lower triangular part of a square D x D matrix."
        )
    mat = torch.zeros(vec.shape[:-1] + (n, n), dtype=vec.dtype)
    mat[..., below(n, diag)] = vec
    return mat
