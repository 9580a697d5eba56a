"""Names that torch keeps only to say what to use instead, and a few that mean nothing on a CPU."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

from chainrule.errors import ArgumentError, DeviceError, GraphError, NotHereError, OutOfMemoryError
from chainrule.functional.border import EXPORTS
from chainrule.functional.options import check_device
from chainrule.tensor import Tensor, from_array

INSTEAD = {
    "solve": "torch.linalg.solve(A, B): the arguments change places, there is no LU",
    "eig": "torch.linalg.eig, which gives complex tensors",
    "symeig": "torch.linalg.eigh, which reads the lower triangle unless UPLO='U'",
    "lstsq": "torch.linalg.lstsq: the arguments change places",
    "matrix_rank": "torch.linalg.matrix_rank(A, hermitian=...)",
}


def removed(name: str) -> Any:
    def gone(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotHereError(
            f"This function was deprecated since version 1.9 and is now removed: torch.{name}",
            fix=f"Use {INSTEAD[name]}.",
        )

    gone.__name__ = gone.__qualname__ = name
    gone.__doc__ = f"Errors: torch removed it; use {INSTEAD[name]}."
    return gone


for _name in INSTEAD:
    EXPORTS[_name] = removed(_name)
    if _name != "matrix_rank":
        setattr(Tensor, _name, removed(_name))


def reinforce(self: Tensor, reward: Any) -> NoReturn:
    """Errors: torch removed it; weigh log-probabilities of torch.distributions by the reward."""
    raise NotHereError("reinforce() was removed. Use torch.distributions instead.",
                       fix="loss = -dist.log_prob(action) * reward")  # fmt: skip


def set_(self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None,
         stride: Any = None) -> Tensor:  # fmt: skip
    """Make this tensor a view of another tensor's memory; without one, empty.

    Errors: a tensor that is part of a graph.

    >>> import chainrule as torch
    >>> torch.zeros(2).set_(torch.arange(4.), 1, (2,), (2,))
    tensor([1., 3.])
    """
    if self._node is not None and self._node.op is not None:
        raise GraphError("set_() cannot change a tensor that an operation has made",
                         [("tensor", self)], fix="Assign the other tensor to it.")  # fmt: skip
    if source is None:
        array = self._array.ravel()[:0]
    else:
        tensor = source if isinstance(source, Tensor) else from_storage(source)
        if tensor._array.dtype != self._array.dtype:
            raise ArgumentError("set_(): the dtypes must be the same",
                                [("self", self), ("source", tensor)])  # fmt: skip
        array = tensor._array
        if size is not None:
            from chainrule.functional.views import as_strided

            steps = stride if stride is not None else contiguous(size)
            array = as_strided(tensor.detach(), size, steps, storage_offset)._array
    self.data = from_array(array)
    return self


def from_storage(storage: Any) -> Tensor:
    """A tensor over a storage's memory."""
    if not hasattr(storage, "_array"):
        raise ArgumentError("set_() takes a tensor or a storage", [("source", storage)])
    return from_array(storage._array)


def contiguous(size: Any) -> tuple[int, ...]:
    """The strides of a contiguous tensor."""
    steps, n = [], 1
    for s in reversed(tuple(size)):
        steps.append(n)
        n *= s
    return tuple(reversed(steps))


def resize(self: Tensor, *sizes: Any) -> Tensor:
    """The old name of `reshape` for tensors of as many elements."""
    warnings.warn("non-inplace resize is deprecated", UserWarning, stacklevel=2)
    return self.reshape(*sizes)


def resize_as(self: Tensor, tensor: Tensor) -> Tensor:
    """The old name of `reshape` to another tensor's shape."""
    warnings.warn("non-inplace resize_as is deprecated", UserWarning, stacklevel=2)
    return self.reshape(tensor.shape)


def as_subclass(self: Tensor, cls: Any) -> Any:
    """The same memory as an instance of a subclass of Tensor.

    >>> import chainrule as torch
    >>> type(torch.ones(1).as_subclass(torch.nn.Parameter)).__name__
    'Parameter'
    """
    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise ArgumentError("cls must be a subclass of Tensor", [("cls", cls)])
    out = self.view_as(self)
    out.__class__ = cls
    return out


def _make_subclass(cls: Any, data: Any, require_grad: bool = False, **options: Any) -> Any:
    """The memory of `data`, without its graph, as an instance of a subclass of Tensor."""
    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise ArgumentError("cls must be a type (subclass of Tensor)", [("cls", cls)])
    out = from_array(data._array, cls)
    return out.requires_grad_() if require_grad else out


def record_stream(self: Tensor, stream: Any) -> None:
    """Errors: there is no stream to record."""
    raise DeviceError("record_stream: there are no streams on a CPU", [("tensor", self)])


def xpu(self: Tensor, device: Any = None, non_blocking: bool = False,
        memory_format: Any = None) -> NoReturn:  # fmt: skip
    """Errors: there is no Intel GPU here."""
    raise DeviceError("Torch not compiled with XPU enabled", fix="Leave the tensor on the CPU.")


def mtia(self: Tensor, *args: Any, **kwargs: Any) -> NoReturn:
    """Errors: there is no such accelerator here."""
    raise DeviceError("Torch not compiled with MTIA enabled", fix="Leave the tensor on the CPU.")


for _function in (reinforce, set_, resize, resize_as, as_subclass, record_stream, xpu, mtia):
    setattr(Tensor, _function.__name__, _function)
Tensor._make_subclass = staticmethod(_make_subclass)  # type: ignore[attr-defined]


def get_device_module(device: Any = None) -> Any:
    """The module of a device: `torch.cpu`.

    Errors: devices that are not there.
    """
    import importlib

    check_device(device)
    return importlib.import_module("chainrule.cpu")


def vmap(func: Any, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *,
         chunk_size: Any = None) -> Any:  # fmt: skip
    """See `torch.func.vmap`."""
    import importlib

    mapping = importlib.import_module("chainrule.func.mapping")
    return mapping.vmap(func, in_dims, out_dims, randomness, chunk_size=chunk_size)


EXPORTS["get_device_module"] = get_device_module
EXPORTS["vmap"] = vmap
EXPORTS["OutOfMemoryError"] = OutOfMemoryError
EXPORTS["AcceleratorError"] = DeviceError
for _name in ("has_cuda", "has_cudnn", "has_mps", "has_mkldnn"):
    EXPORTS[_name] = False
EXPORTS["has_lapack"] = True
EXPORTS["has_mkl"] = False
EXPORTS["has_openmp"] = False
EXPORTS["has_spectral"] = True
