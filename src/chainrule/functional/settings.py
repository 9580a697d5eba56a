"""Settings of the whole process: default dtype and device, threads, determinism, precision."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from chainrule import dtypes, spec
from chainrule.backend import threads
from chainrule.backend.blas import Blas, blas_function
from chainrule.errors import ArgumentError, DtypeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.conversion import dtype_called
from chainrule.functional.options import check_device


class Settings:
    """What the functions below set."""

    default_device = dtypes.CPU
    deterministic = False
    deterministic_warn_only = False
    fill_uninitialized_memory = True
    float32_precision = "highest"
    interop_threads = 1
    warn_always = False


settings = Settings()


def get_default_dtype() -> dtypes.dtype:
    """The dtype that Python floats become: float32 unless set otherwise.

    >>> import chainrule as torch
    >>> torch.get_default_dtype()
    torch.float32
    """
    return dtypes.of(spec.Defaults.floating)


def set_default_dtype(d: Any) -> None:
    """Choose the dtype that Python floats become, and creation functions use.

    Errors: only floating dtypes.

    >>> import chainrule as torch
    >>> torch.set_default_dtype(torch.float64)
    >>> torch.tensor(1.5).dtype
    torch.float64
    >>> torch.set_default_dtype(torch.float32)
    """
    if not isinstance(d, dtypes.dtype):
        raise ArgumentError("invalid dtype object: only floating-point types are supported as the "
                            f"default type, not {d!r}")  # fmt: skip
    if not d.is_floating_point:
        raise DtypeError("only floating-point types are supported as the default type",
                         [("dtype", d)])  # fmt: skip
    spec.Defaults.floating = d.dtype


def set_default_tensor_type(t: Any) -> None:
    """Choose the default dtype by an old type name, such as `torch.DoubleTensor`; deprecated."""
    warnings.warn(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use "
        "torch.set_default_dtype() and torch.set_default_device() as alternatives.",
        UserWarning, stacklevel=2,
    )  # fmt: skip
    set_default_dtype(dtype_called(t) if isinstance(t, str) else t.dtype)


def get_default_device() -> dtypes.device:
    """Where creation functions allocate.

    >>> import chainrule as torch
    >>> torch.get_default_device()
    device(type='cpu')
    """
    return settings.default_device


def set_default_device(device: Any) -> None:
    """Choose where creation functions allocate; None means the CPU.

    Errors: devices that are not there.
    """
    check_device(device)
    settings.default_device = dtypes.CPU if device is None else dtypes.device(device)


# ---- threads ---------------------------------------------------------------------------------


def set_num_threads(int: Any) -> None:
    """How many threads matrix products and large elementwise functions use.

    Errors: a positive integer is needed.
    """
    if isinstance(int, bool) or not hasattr(type(int), "__index__"):
        raise ArgumentError(f"set_num_threads expects an int, but got {type(int).__name__}")
    count = int.__index__()
    if count < 1:
        raise ArgumentError("set_num_threads expects a positive integer", [("threads", count)])
    Blas.threads = count
    threads.set_thread_count(count)
    setter = blas_function("set")
    if setter is not None:
        setter(count)


def get_num_threads() -> int:
    """How many threads matrix products use."""
    getter = blas_function("get")
    if getter is not None:
        return getter()  # type: ignore[no-any-return]
    return Blas.threads or os.cpu_count() or 1


def set_num_interop_threads(int: int) -> None:
    """Kept for programs that call it: operations run one after another here."""
    settings.interop_threads = int


def get_num_interop_threads() -> int:
    """What `set_num_interop_threads` was given."""
    return settings.interop_threads


def set_flush_denormal(mode: bool) -> bool:
    """Always False: the processor's denormal mode is left as it is."""
    return False


# ---- determinism, precision --------------------------------------------------------------------


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Kept for programs that call it: everything here is deterministic anyway."""
    settings.deterministic, settings.deterministic_warn_only = bool(mode), bool(warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was given."""
    return settings.deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """What `use_deterministic_algorithms` was given as `warn_only`."""
    return settings.deterministic and settings.deterministic_warn_only


def set_deterministic_debug_mode(debug_mode: Any) -> None:
    """The same setting by name or number: "default" 0, "warn" 1, "error" 2."""
    names = ("default", "warn", "error")
    level = names.index(debug_mode) if debug_mode in names else debug_mode
    if level not in (0, 1, 2):
        raise ArgumentError(f"invalid value of debug_mode, expected one of {', '.join(names)}, "
                            f"0, 1, 2, but got {debug_mode!r}")  # fmt: skip
    use_deterministic_algorithms(level > 0, warn_only=level == 1)


def get_deterministic_debug_mode() -> int:
    """0, 1 or 2: off, warn only, on."""
    return 0 if not settings.deterministic else 1 if settings.deterministic_warn_only else 2


def set_float32_matmul_precision(precision: str) -> None:
    """Kept for programs that call it: float32 products are float32 products here.

    Errors: one of "highest", "high", "medium".
    """
    if precision not in ("highest", "high", "medium"):
        raise ArgumentError(f"{precision!r} is not one of 'highest', 'high', 'medium'")
    settings.float32_precision = precision


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was given."""
    return settings.float32_precision


def set_warn_always(b: bool) -> None:
    """Kept for programs that call it; Python's warning filters decide here."""
    settings.warn_always = bool(b)


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` was given."""
    return settings.warn_always


def is_vulkan_available() -> bool:
    """Always False."""
    return False


def compiled_with_cxx11_abi() -> bool:
    """Always True; kept for programs that print it."""
    return True


_module = sys.modules[__name__]
for _name in (
    "get_default_dtype", "set_default_dtype", "set_default_tensor_type", "get_default_device",
    "set_default_device", "set_num_threads", "get_num_threads", "set_num_interop_threads",
    "get_num_interop_threads", "set_flush_denormal", "use_deterministic_algorithms",
    "are_deterministic_algorithms_enabled", "is_deterministic_algorithms_warn_only_enabled",
    "set_deterministic_debug_mode", "get_deterministic_debug_mode",
    "set_float32_matmul_precision", "get_float32_matmul_precision", "set_warn_always",
    "is_warn_always_enabled", "is_vulkan_available", "compiled_with_cxx11_abi",
):  # fmt: skip
    EXPORTS[_name] = getattr(_module, _name)
