"""Making tensors: from data, filled, in sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS, public
from chainrule.ops.shape import AsType, Copy
from chainrule.tensor import Tensor, from_array


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor over the memory of a NumPy array: writing into one writes into the other.

    >>> import numpy as np, chainrule as torch
    >>> torch.from_numpy(np.arange(3))
    tensor([0, 1, 2])
    """
    if not isinstance(ndarray, np.ndarray):
        raise ArgumentError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of(ndarray.dtype)
    return from_array(ndarray)  # type: ignore[no-any-return]


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
           pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor holding a copy of `data`: numbers, nested lists, arrays, tensors."""
    wanted = dtypes.numpy_dtype(dtype)
    if isinstance(data, Tensor):
        array = np.array(data._array, dtype=wanted, order="C")
    else:
        array = np.array(data, dtype=wanted)
        if wanted is None and not isinstance(data, (np.ndarray, np.generic)):
            if array.dtype == np.float64:
                array = array.astype(spec.Defaults.floating)
            elif array.dtype == np.complex128:
                array = array.astype(np.complex64)
    out: Tensor = from_array(array)
    return out.requires_grad_() if requires_grad else out


def to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """This tensor in another dtype."""
    dtype = next((a for a in args if isinstance(a, dtypes.dtype)), kwargs.get("dtype"))
    wanted = dtypes.numpy_dtype(dtype)
    if wanted is None or wanted == self._array.dtype:
        return self
    return apply(AsType, self, dtype=wanted)  # type: ignore[no-any-return]


@public(out=False)
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy in memory of its own; gradients flow through it.

    Gradient: g.

    >>> import chainrule as torch
    >>> torch.tensor([1., 2.]).clone()
    tensor([1., 2.])
    """
    return apply(Copy, input)  # type: ignore[no-any-return]


EXPORTS["from_numpy"], EXPORTS["tensor"] = from_numpy, tensor
Tensor.to = to  # type: ignore[attr-defined]
Tensor.cpu = lambda self: self  # type: ignore[attr-defined]
Tensor.numpy = lambda self: self._array  # type: ignore[attr-defined]
Tensor.float = lambda self: self.to(dtypes.float32)  # type: ignore[attr-defined]
Tensor.numel = lambda self: self._array.size  # type: ignore[attr-defined]
