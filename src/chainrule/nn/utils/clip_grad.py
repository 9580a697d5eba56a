"""Limiting the size of gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule import spec
from chainrule.autograd.mode import no_grad
from chainrule.backend.numpy_reduction import whole_norm
from chainrule.errors import ArgumentError, GraphError
from chainrule.tensor import Tensor, from_array


def get_total_norm(
    tensors: Any,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors as if they were one vector.

    >>> import chainrule as torch
    >>> torch.nn.utils.get_total_norm([torch.tensor([3.]), torch.tensor([4.])])
    tensor(5.)
    """
    arrays = [t.coalesce().values()._array if t.is_sparse else t._array for t in listed(tensors)]
    p = float(norm_type)
    if not arrays:
        return from_array(np.zeros((), spec.Defaults.floating))  # type: ignore[no-any-return]
    with np.errstate(all="ignore"):
        norms = np.array([norm_of(a.reshape(-1), p) for a in arrays])
        total = norm_of(norms, p)
    if error_if_nonfinite and not math.isfinite(float(total)):
        raise GraphError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped",
            fix="To disable this error and scale the gradients by the non-finite norm anyway, "
            "set error_if_nonfinite=False.",
        )
    return from_array(np.asarray(total, dtype=arrays[0].dtype))  # type: ignore[no-any-return]


def norm_of(x: Any, p: float) -> Any:
    """The p-norm of a vector; squares of float32 are summed in float32, as torch does."""
    if x.dtype.kind in "cV" or x.itemsize < 4:
        x = np.abs(x) if x.dtype.kind == "c" else x.astype(np.float32)
    if p == math.inf:
        return np.max(np.abs(x), initial=0)
    if p == -math.inf:
        return np.min(np.abs(x), initial=math.inf)
    if p == 0:
        return np.asarray(np.count_nonzero(x), dtype=x.dtype)
    if p == 2:
        return whole_norm(x)
    return np.sum(np.abs(x) ** p) ** (1 / p)


def clip_grads_with_norm_(
    parameters: Any, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale gradients by max_norm / total_norm if that is below 1.

    >>> import chainrule as torch
    >>> w = torch.nn.Parameter(torch.zeros(1))
    >>> w.grad = torch.tensor([10.])
    >>> torch.nn.utils.clip_grads_with_norm_(w, 1., torch.tensor(10.))
    >>> w.grad
    tensor([1.0000])
    """
    scale = min(float(max_norm) / (float(total_norm) + 1e-6), 1.0)
    if math.isnan(float(total_norm)):
        scale = math.nan
    with no_grad():
        for p in listed(parameters):
            if p._grad is not None:
                p._grad.mul_(scale)


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients down, in place, so that their total norm is at most `max_norm`.

    Returns: the total norm before.
    Errors: `error_if_nonfinite` raises if it is nan or infinite, and changes nothing.
    Source: Pascanu, Mikolov and Bengio 2012, arXiv:1211.5063.

    >>> import chainrule as torch
    >>> w = torch.nn.Parameter(torch.tensor([0., 0.]))
    >>> (w * torch.tensor([3., 4.])).sum().backward()
    >>> torch.nn.utils.clip_grad_norm_(w, 1.)
    tensor(5.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    known = listed(parameters)
    grads = [p._grad for p in known if p._grad is not None]
    total = get_total_norm(grads, norm_type, error_if_nonfinite)
    clip_grads_with_norm_(known, max_norm, total)
    return total


clip_grad_norm = clip_grad_norm_


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Clip each element of all gradients, in place, to [-clip_value, clip_value].

    >>> import chainrule as torch
    >>> w = torch.nn.Parameter(torch.tensor([0., 0.]))
    >>> (w * torch.tensor([3., -0.5])).sum().backward()
    >>> torch.nn.utils.clip_grad_value_(w, 1.)
    >>> w.grad
    tensor([ 1.0000, -0.5000])
    """
    limit = float(clip_value)
    with no_grad():
        for p in listed(parameters):
            if p._grad is not None:
                p._grad.clamp_(-limit, limit)


def listed(tensors: Any) -> list[Any]:
    """One tensor, or several, as a list."""
    if isinstance(tensors, Tensor):
        return [tensors]
    if not isinstance(tensors, Iterable):
        raise ArgumentError("parameters are a tensor or an iterable of tensors",
                            [("parameters", tensors)])  # fmt: skip
    return list(tensors)
