"""torch._utils: several tensors as one row of numbers, and back."""

from __future__ import annotations

from collections.abc import Sequence

import chainrule as torch
from chainrule.tensor import Tensor


def _flatten_dense_tensors(tensors: Sequence[Tensor]) -> Tensor:
    """The elements of tensors of one dtype, one after the other.

    >>> import chainrule as torch
    >>> torch._utils._flatten_dense_tensors([torch.zeros(1, 2), torch.ones(1)])
    tensor([0., 0., 1.])
    """
    return torch.cat([t.reshape(-1) for t in tensors])


def _unflatten_dense_tensors(flat: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """A row of numbers cut up into the shapes of `tensors`.

    >>> import chainrule as torch
    >>> torch._utils._unflatten_dense_tensors(torch.arange(3), [torch.zeros(1, 2), torch.ones(1)])
    (tensor([[0, 1]]), tensor([2]))
    """
    parts = flat.split([t.numel() for t in tensors])
    return tuple(p.view_as(t) for p, t in zip(parts, tensors, strict=True))
