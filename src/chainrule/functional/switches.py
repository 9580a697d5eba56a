"""Settings and small functions of `torch` that have no other home."""

from __future__ import annotations

from typing import Any

from chainrule import dtypes
from chainrule.autograd import anomaly_mode
from chainrule.autograd.record import apply
from chainrule.functional.border import EXPORTS, with_out
from chainrule.functional.neural import later
from chainrule.ops.shape import Copy
from chainrule.tensor import Tensor


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Let backward look for the rule that makes a NaN, or not.

    >>> import chainrule as torch
    >>> torch.set_anomaly_enabled(False)
    >>> torch.is_anomaly_enabled()
    False
    """
    anomaly_mode.set_anomaly(bool(enabled) and check_nan)


def is_anomaly_check_nan_enabled() -> bool:
    """True: looking for NaN is all that anomaly mode does here.

    >>> import chainrule as torch
    >>> torch.is_anomaly_check_nan_enabled()
    True
    """
    return True


class DisableTorchFunction:
    """A block in which no `__torch_function__` takes over: none ever does.

    >>> import chainrule as torch
    >>> with torch.DisableTorchFunction():
    ...     pass
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None


class DisableTorchFunctionSubclass(DisableTorchFunction):
    """A block in which no `__torch_function__` of subclasses takes over: none ever does."""


def to_dlpack(tensor: Tensor) -> Any:
    """A tensor's memory as a DLPack capsule, for other array libraries.

    >>> import chainrule as torch
    >>> type(torch.to_dlpack(torch.ones(2))).__name__
    'PyCapsule'
    """
    return tensor.__dlpack__()


def dequantize(input: Any = None, *, tensors: Any = None) -> Any:
    """A tensor, or several, as float32; quantised tensors there are none.

    >>> import chainrule as torch
    >>> torch.dequantize(torch.tensor([1, 2]))
    tensor([1., 2.])
    """
    input = tensors if input is None else input
    if isinstance(input, (list, tuple)):
        return type(input)(dequantize(t) for t in input)
    return input.to(dtypes.float32)


def as_strided_(input: Tensor, size: Any, stride: Any, storage_offset: Any = None) -> Tensor:
    """`as_strided` in place: the tensor becomes that view of its memory.

    >>> import chainrule as torch
    >>> torch.as_strided_(torch.arange(4), (2,), (2,))
    tensor([0, 2])
    """
    return input.as_strided_(size, stride, storage_offset)  # type: ignore[attr-defined,no-any-return]


def addmv_(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`addmv`, written into `input`.

    >>> import chainrule as torch
    >>> torch.addmv_(torch.ones(2), torch.eye(2), torch.tensor([1., 2.]))
    tensor([2., 3.])
    """
    return input.addmv_(mat, vec, beta=beta, alpha=alpha)  # type: ignore[attr-defined,no-any-return]


def of_view(name: str) -> Any:
    """`torch.<name>_copy`: what `torch.<name>` gives, in memory of its own."""

    def call(input: Tensor) -> Tensor:
        return apply(Copy, EXPORTS[name](input))  # type: ignore[no-any-return]

    call.__name__ = call.__qualname__ = f"{name}_copy"
    call.__doc__ = f"What `{name}` gives, in memory of its own."
    return call


def of_part(name: str) -> Any:
    """`torch.<name>_copy` for a part of a sparse tensor."""

    def call(input: Tensor) -> Tensor:
        return getattr(input, name)().clone()  # type: ignore[no-any-return]

    call.__name__ = call.__qualname__ = f"{name}_copy"
    call.__doc__ = f"A copy of a sparse tensor's `{name}()`."
    return call


for _name in ("view_as_complex", "view_as_real"):
    EXPORTS[f"{_name}_copy"] = with_out(of_view(_name))
for _name in ("indices", "values", "crow_indices", "col_indices", "ccol_indices", "row_indices"):
    EXPORTS[f"{_name}_copy"] = with_out(of_part(_name))
for _function in (
    set_anomaly_enabled, is_anomaly_check_nan_enabled, DisableTorchFunction,
    DisableTorchFunctionSubclass, to_dlpack, dequantize, as_strided_, addmv_,
):  # fmt: skip
    EXPORTS[_function.__name__] = _function
EXPORTS["legacy_contiguous_format"] = dtypes.contiguous_format


def sspaddmm(self: Tensor, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
    """`torch.sspaddmm`: beta * self + alpha * (mat1 @ mat2), sparse."""
    return later("sspaddmm", "chainrule.sparse")(self, mat1, mat2, beta=beta, alpha=alpha)


def smm(self: Tensor, mat2: Any) -> Any:
    """`torch.smm`: the product of a sparse and a dense matrix, sparse."""
    return later("smm", "chainrule.sparse")(self, mat2)


def grad_dtype(self: Tensor) -> Any:
    """The dtype of this tensor's gradient: its own."""
    return self.dtype


Tensor.dequantize = dequantize  # type: ignore[attr-defined]
Tensor.smm, Tensor.sspaddmm = smm, sspaddmm  # type: ignore[attr-defined]
Tensor.grad_dtype = property(grad_dtype)  # type: ignore[attr-defined]
