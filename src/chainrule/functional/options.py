"""The options that every creation function takes: dtype, layout, device, memory_format and so on.

`made` turns a fresh array and these options into the tensor; `sizes` reads the many ways of
giving a shape.  On the common path (no option given) both cost next to nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.errors import ArgumentError, DeviceError, ShapeError
from chainrule.functional.border import EXPORTS, store
from chainrule.tensor import Tensor, from_array

Array = Any


def sizes(given: tuple[Any, ...], name: str) -> tuple[int, ...]:
    """The shape in `f(2, 3)`, `f((2, 3))` or `f(size)`.

    Errors: floats, booleans and negative numbers are no sizes; neither is nothing at all.
    """
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    for n in given:
        if type(n) is not int:
            given = tuple(as_size(n, i, name) for i, n in enumerate(given))
            break
    for n in given:
        if n < 0:
            raise ShapeError(f"{name}: Dimension size must be non-negative, got {list(given)}")
    return tuple(given)


def as_size(value: Any, position: int, name: str) -> int:
    """One size, or one dimension, as an int."""
    if not isinstance(value, (bool, np.bool_)) and hasattr(type(value), "__index__"):
        try:
            return int(value.__index__())
        except TypeError:
            pass
    raise ArgumentError(
        f"{name}(): argument 'size' (position {position + 1}) must be tuple of ints, not "
        f"{type(value).__name__}",
        [("size", value)],
        fix="Give ints, one tuple of ints, or a torch.Size.",
    )


def check_device(device: Any) -> None:
    """Raise unless `device` is the CPU (or None)."""
    if device is None or device is dtypes.CPU:
        return
    if isinstance(device, (int, np.integer)) and not isinstance(device, bool):
        raise DeviceError("Cannot access accelerator device when none is available.")
    if not isinstance(device, (str, dtypes.device)):
        raise ArgumentError(f"device must be a torch.device or a string, not {device!r}")
    kind = dtypes.device(device).type
    if kind == "cuda":
        raise DeviceError(
            "Torch not compiled with CUDA enabled: this installation computes on the CPU",
            fix="Use device='cpu', or choose it by torch.cuda.is_available().",
        )
    if kind != "cpu":
        raise DeviceError(f"there is no '{kind}' device here", fix="Use device='cpu'.")


def check_layout(layout: Any, name: str) -> None:
    """Raise unless `layout` is strided (or None)."""
    if layout is not None and layout is not dtypes.strided:
        raise ArgumentError(
            f"{name}: all tensors here are torch.strided, not {layout}",
            fix="Leave layout= away.",
        )


def made(
    array: Array,
    name: str = "",
    out: Any = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: Any = False,
    requires_grad: Any = False,
) -> Any:
    """A tensor over a fresh array, as the options ask."""
    if device is not None:
        check_device(device)
    if layout is not None:
        check_layout(layout, name)
    if pin_memory:
        raise DeviceError(
            "pin_memory=True requires an accelerator, and there is none here",
            fix="Leave pin_memory= away.",
        )
    t = from_array(array)
    if out is not None:
        return store(t, out)
    return t.requires_grad_() if requires_grad else t


def factory(function: Callable[..., Array]) -> Callable[..., Tensor]:
    """Publish `torch.<name>`: a function that makes an array, given a NumPy dtype or None.

    The public one also takes out, layout, device, pin_memory and requires_grad.
    """
    name = function.__name__

    @functools.wraps(function)
    def call(
        *args: Any, dtype: Any = None, out: Any = None, layout: Any = None, device: Any = None,
        pin_memory: Any = False, requires_grad: Any = False, **rest: Any,
    ) -> Any:  # fmt: skip
        if dtype is not None:
            dtype = dtypes.numpy_dtype(dtype)
        elif out is not None:
            dtype = out._array.dtype
        try:
            array = function(*args, dtype=dtype, **rest)
        except MemoryError as error:
            raise memory_error(name, error) from None
        if out is layout is device is None and not (pin_memory or requires_grad):
            return from_array(array)
        return made(array, name, out, layout, device, pin_memory, requires_grad)

    EXPORTS[name] = call
    return call


def memory_error(name: str, error: Exception) -> Exception:
    """A failed allocation, told as torch's users know it."""
    return ShapeError(f"{name}: not enough memory: you tried to allocate too much ({error})")


def strides_of(shape: Sequence[int], order: Sequence[int]) -> tuple[int, ...]:
    """Strides, in elements, of dense memory whose slowest axis is `order[0]`."""
    strides = [1] * len(shape)
    step = 1
    for axis in reversed(order):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return tuple(strides)


CHANNELS_LAST = {  # rank, and the axes from the slowest to the fastest
    dtypes.channels_last: (4, (0, 2, 3, 1)),
    dtypes.channels_last_3d: (5, (0, 2, 3, 4, 1)),
}


def axis_order(memory_format: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes from the slowest to the fastest; None for plain row-major order.

    Errors: channels_last needs 4 axes, channels_last_3d needs 5.
    """
    if memory_format in (None, dtypes.contiguous_format, dtypes.preserve_format):
        return None
    try:
        rank, order = CHANNELS_LAST[memory_format]
    except (KeyError, TypeError):
        raise ArgumentError(f"{memory_format!r} is no memory format here") from None
    if rank != ndim:
        raise ShapeError(f"required rank {rank} tensor to use {memory_format.name} format",
                         fix=f"This one has {ndim} dimensions.")  # fmt: skip
    return order


def empty_in_order(shape: Sequence[int], dtype: Any, order: Sequence[int]) -> Array:
    """Uninitialised memory in which `order[0]` is the slowest axis."""
    memory = np.empty(tuple(shape[a] for a in order), dtype)
    inverse = sorted(range(len(order)), key=list(order).__getitem__)
    return memory.transpose(inverse)


def empty_as(array: Array, dtype: Any, memory_format: Any) -> Array:
    """Uninitialised memory like that of `array`, in its order unless the format says another."""
    if memory_format is None or memory_format is dtypes.preserve_format:
        return np.empty_like(array, dtype=dtype, order="K", subok=False)
    dtype = array.dtype if dtype is None else dtype
    order = axis_order(memory_format, array.ndim)
    if order is None:
        return np.empty(array.shape, dtype)
    return empty_in_order(array.shape, dtype, order)


def fill_dtype(value: Any) -> Any:
    """The dtype `torch.full` infers from a number, or from a tensor of one element."""
    if isinstance(value, Tensor):
        return value._array.dtype
    return spec.scalar_dtype(value)
