"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.autograd.inplace import wrote
from chainrule.autograd.mode import no_grad
from chainrule.errors import ArgumentError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Any]) -> Tensor:
    """All elements of all parameters in one vector; gradients flow through it.

    >>> import chainrule as torch
    >>> torch.nn.utils.parameters_to_vector(torch.nn.Linear(2, 3).parameters()).shape
    torch.Size([9])
    """
    return EXPORTS["cat"]([p.reshape(-1) for p in parameters])  # type: ignore[no-any-return]


def vector_to_parameters(vec: Tensor, parameters: Iterable[Any]) -> None:
    """Copy consecutive parts of a vector into the parameters.

    Errors: the vector must have as many elements as all parameters together.

    >>> import chainrule as torch
    >>> layer = torch.nn.Linear(2, 1)
    >>> torch.nn.utils.vector_to_parameters(torch.tensor([1., 2., 3.]), layer.parameters())
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[1.0, 2.0]], [3.0])
    """
    if not isinstance(vec, Tensor):
        raise ArgumentError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    known = list(parameters)
    total = sum(p._array.size for p in known)
    if vec._array.size != total:
        raise ShapeError(
            f"the vector must have one element for each of the parameters', {total} in all",
            [("vec", vec)],
        )
    start = 0
    with no_grad():
        for p in known:
            n = p._array.size
            part = vec._array[start : start + n]
            np.copyto(p._array, part.reshape(p._array.shape), casting="unsafe")
            wrote(p, None)
            start += n
