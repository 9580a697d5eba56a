"""The names of torchvision.tv_tensors: images are plain tensors here."""

from __future__ import annotations

from typing import Any

import chainrule as torch
from chainrule.tensor import Tensor

Image = Tensor


def set_return_type(return_type: Any) -> None:
    """Nothing: results are plain tensors."""


def wrap(wrappee: Tensor, *, like: Any, **kwargs: Any) -> Tensor:
    """The tensor itself.

    >>> import chainrule as torch
    >>> wrap(torch.zeros(2), like=None)
    tensor([0., 0.])
    """
    return torch.as_tensor(wrappee)
