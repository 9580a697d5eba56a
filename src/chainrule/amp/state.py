"""Whether autocast is on, and for which dtype: one state per thread."""

from __future__ import annotations

import threading
import warnings
from typing import Any

from chainrule import dtypes
from chainrule.errors import ArgumentError, DeviceError

LOWER = (dtypes.bfloat16, dtypes.float16)
DEVICES = ("cpu", "cuda", "xpu", "mps", "hpu", "mtia", "maia", "ipu", "xla")
OTHERS = ("mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "lazy", "vulkan",
          "privateuseone")  # fmt: skip


class State(threading.local):
    """The settings of one thread."""

    def __init__(self) -> None:
        self.on = False  # on the CPU: read by every function of the lists
        self.dtype: Any = dtypes.bfloat16  # on the CPU
        self.elsewhere = dict.fromkeys(DEVICES[1:], False)
        self.dtypes = {**dict.fromkeys(DEVICES[1:], dtypes.float16), "xla": dtypes.bfloat16}
        self.cache_enabled = True
        self.nesting = 0
        self.cache: dict[tuple[int, Any, bool], tuple[Any, Any]] = {}  # leaf and its cast


state = State()


def device_name(device_type: Any) -> str:
    if not isinstance(device_type, str):
        raise ArgumentError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if device_type not in DEVICES:
        raise DeviceError(f"User specified an unsupported autocast device_type '{device_type}'",
                          fix="Here it is 'cpu'.")  # fmt: skip
    return device_type


def is_autocast_available(device_type: str) -> bool:
    """Whether autocast knows this kind of device.

    >>> import chainrule as torch
    >>> torch.amp.is_autocast_available("cpu")
    True
    """
    if device_type not in DEVICES and device_type not in OTHERS:
        raise DeviceError(f"Expected one of {', '.join((*DEVICES, *OTHERS))} device type at start "
                          f"of device string: {device_type}")  # fmt: skip
    return device_type in DEVICES


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """Whether autocast is on for a kind of device; without one, on GPUs.

    >>> import chainrule as torch
    >>> with torch.autocast("cpu"):
    ...     torch.is_autocast_enabled("cpu")
    True
    """
    if device_type == "cpu":
        return state.on
    return state.elsewhere[device_name("cuda" if device_type is None else device_type)]


def set_autocast_enabled(device_type: Any, enabled: bool | None = None) -> None:
    """Turn autocast on or off for a kind of device; `autocast` does so for a block."""
    if enabled is None:
        device_type, enabled = "cuda", device_type
    if device_type == "cpu":
        switch(bool(enabled))
    else:
        state.elsewhere[device_name(device_type)] = bool(enabled)


def switch(on: bool) -> None:
    """Turn autocast on the CPU on or off, and put its functions in place while it is on."""
    if on != state.on:
        from chainrule.amp import lists

        lists.count(1 if on else -1)
        state.on = on


def get_autocast_dtype(device_type: str) -> Any:
    """The dtype that autocast computes in.

    >>> import chainrule as torch
    >>> torch.get_autocast_dtype("cpu")
    torch.bfloat16
    """
    return state.dtype if device_type == "cpu" else state.dtypes[device_name(device_type)]


def set_autocast_dtype(device_type: str, dtype: Any) -> None:
    """Choose the dtype that autocast computes in."""
    if device_type == "cpu":
        state.dtype = dtype
    else:
        state.dtypes[device_name(device_type)] = dtype


def deprecated(name: str, instead: str) -> None:
    warnings.warn(f"torch.{name} is deprecated. Please use torch.{instead} instead.",
                  DeprecationWarning, stacklevel=3)  # fmt: skip


def is_autocast_cpu_enabled() -> bool:
    """Whether autocast is on for the CPU; `is_autocast_enabled("cpu")` is the newer name."""
    deprecated("is_autocast_cpu_enabled()", "is_autocast_enabled('cpu')")
    return state.on


def set_autocast_cpu_enabled(enabled: bool) -> None:
    """Turn autocast on or off for the CPU."""
    deprecated("set_autocast_cpu_enabled(enabled)", "set_autocast_enabled('cpu', enabled)")
    switch(bool(enabled))


def get_autocast_cpu_dtype() -> Any:
    """The dtype of autocast on the CPU."""
    deprecated("get_autocast_cpu_dtype()", "get_autocast_dtype('cpu')")
    return state.dtype


def set_autocast_cpu_dtype(dtype: Any) -> None:
    """Choose the dtype of autocast on the CPU."""
    deprecated("set_autocast_cpu_dtype(dtype)", "set_autocast_dtype('cpu', dtype)")
    state.dtype = dtype


def get_autocast_gpu_dtype() -> Any:
    """The dtype of autocast on GPUs."""
    deprecated("get_autocast_gpu_dtype()", "get_autocast_dtype('cuda')")
    return state.dtypes["cuda"]


def set_autocast_gpu_dtype(dtype: Any) -> None:
    """Choose the dtype of autocast on GPUs."""
    deprecated("set_autocast_gpu_dtype(dtype)", "set_autocast_dtype('cuda', dtype)")
    state.dtypes["cuda"] = dtype


def is_autocast_cache_enabled() -> bool:
    """Whether a parameter is cast once within the outermost block."""
    return state.cache_enabled


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Choose whether a parameter is cast once within the outermost block."""
    state.cache_enabled = bool(enabled)


def clear_autocast_cache() -> None:
    """Forget the parameters that were cast."""
    state.cache.clear()


def autocast_increment_nesting() -> int:
    """One more block; how many there are with it."""
    state.nesting += 1
    return state.nesting


def autocast_decrement_nesting() -> int:
    """One block less; how many are left."""
    state.nesting -= 1
    return state.nesting
