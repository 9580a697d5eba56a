"""torch.cuda on a machine whose tensors live on the CPU: it says so, and seeding does nothing."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections import OrderedDict
from typing import Any

from chainrule import dtypes
from chainrule.errors import DeviceError, DtypeError
from chainrule.errors import OutOfMemoryError as OutOfMemoryError
from chainrule.functional.conversion import LEGACY
from chainrule.functional.options import check_device

has_half = True
has_magma = False
default_generators: tuple[Any, ...] = ()


class DeferredCudaCallError(Exception):
    """Kept for programs that catch it."""


AcceleratorError = DeviceError
CudaError = DeviceError


def is_available() -> bool:
    """Always False.

    >>> import chainrule as torch
    >>> "cuda" if torch.cuda.is_available() else "cpu"
    'cpu'
    """
    return False


def device_count() -> int:
    """Always 0."""
    return 0


def is_initialized() -> bool:
    """Always False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Always False."""
    return False


def is_tf32_supported() -> bool:
    """Always False."""
    return False


def is_current_stream_capturing() -> bool:
    """Always False."""
    return False


def get_arch_list() -> list[str]:
    """An empty list: no kernels were compiled for any GPU."""
    return []


def get_gencode_flags() -> str:
    """Empty: no kernels were compiled for any GPU."""
    return ""


def manual_seed(seed: int) -> None:
    """Nothing: there is no GPU to seed."""


def manual_seed_all(seed: int) -> None:
    """Nothing: there is no GPU to seed."""


def seed() -> None:
    """Nothing: there is no GPU to seed."""


def seed_all() -> None:
    """Nothing: there is no GPU to seed."""


def empty_cache() -> None:
    """Nothing: there is no cache."""


def ipc_collect() -> None:
    """Nothing: there is no memory to collect."""


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing: there are no statistics."""


reset_accumulated_memory_stats = reset_peak_memory_stats


def reset_max_memory_allocated(device: Any = None) -> None:
    """Nothing; an old name of `reset_peak_memory_stats`."""


reset_max_memory_cached = reset_max_memory_allocated


def memory_allocated(device: Any = None) -> int:
    """Always 0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def memory_cached(device: Any = None) -> int:
    """Always 0; an old name of `memory_reserved`."""
    renamed("memory_cached", "memory_reserved")
    return 0


def max_memory_cached(device: Any = None) -> int:
    """Always 0; an old name of `max_memory_reserved`."""
    renamed("max_memory_cached", "max_memory_reserved")
    return 0


def renamed(old: str, new: str) -> None:
    warnings.warn(f"`torch.cuda.{old}` has been renamed to `torch.cuda.{new}`", FutureWarning,
                  stacklevel=3)  # fmt: skip


def memory_stats(device: Any = None) -> dict[str, Any]:
    """Empty: there are no statistics."""
    return OrderedDict()


def memory_stats_as_nested_dict(device: Any = None) -> dict[str, Any]:
    """Empty: there are no statistics."""
    return {}


def memory_snapshot(*args: Any, **kwargs: Any) -> list[Any]:
    """Empty: there is no memory."""
    return []


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """One line: there is no GPU."""
    return "There is no GPU here, and no memory on one."


def list_gpu_processes(device: Any = None) -> str:
    """One line: there is no GPU."""
    return "There is no GPU here, and no process on one."


def _refuse(*args: Any, **kwargs: Any) -> Any:
    """An error: there is no GPU here."""
    check_device("cuda")


current_device = synchronize = get_device_name = get_device_properties = _refuse
get_device_capability = current_stream = default_stream = set_device = init = _refuse
get_rng_state = mem_get_info = cudart = initial_seed = current_blas_handle = _refuse
set_per_process_memory_fraction = get_per_process_memory_fraction = _refuse
can_device_access_peer = utilization = temperature = power_draw = clock_rate = _refuse
memory_usage = device_memory_used = set_sync_debug_mode = get_sync_debug_mode = _refuse
caching_allocator_alloc = caching_allocator_delete = get_allocator_backend = _refuse
get_stream_from_external = _sleep = _refuse


def set_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Nothing: it would be set when the first GPU is used."""


def get_rng_state_all() -> list[Any]:
    """An empty list: one state per GPU."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Nothing, if the list is empty."""
    if len(new_states):
        _refuse()


class Stream:
    """A queue of work on a GPU.  Errors: there is none here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise DeviceError(f"torch.cuda.{name} requires CUDA support: there is no GPU here",
                          fix="Ask torch.cuda.is_available() first.")  # fmt: skip


class ExternalStream(Stream):
    """A stream made elsewhere.  Errors: there is no GPU here."""


class Event(Stream):
    """A mark in a stream.  Errors: there is no GPU here."""


class CUDAGraph(Stream):
    """A recorded sequence of GPU work.  Errors: there is no GPU here."""


class graph(Stream):
    """Records work into a CUDAGraph.  Errors: there is no GPU here."""


def make_graphed_callables(*args: Any, **kwargs: Any) -> Any:
    """Errors: there is no GPU here."""
    _refuse()


def graph_pool_handle() -> Any:
    """Errors: there is no GPU here."""
    _refuse()


class StreamContext(contextlib.AbstractContextManager[None]):
    """A context that does nothing: there are no streams to choose."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __exit__(self, *exc: Any) -> None:
        return None


def stream(stream: Any) -> StreamContext:
    """A context that does nothing."""
    return StreamContext(stream)


def set_stream(stream: Any) -> None:
    """Nothing for None; there is no other stream."""
    if stream is not None:
        _refuse()


class device:
    """A context manager that chooses a GPU; None, the CPU or -1 choose none.

    Errors: there is no GPU to choose.
    """

    def __init__(self, device: Any) -> None:
        if isinstance(device, (str, dtypes.device)):
            device = None if dtypes.device(device).type == "cpu" else 0
        if device is not None and not (isinstance(device, int) and device < 0):
            raise DeviceError("Torch not compiled with CUDA enabled: there is no GPU to choose")

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None


class device_of(device):
    """Chooses the GPU of a tensor; a tensor of the CPU chooses none."""

    def __init__(self, obj: Any) -> None:
        super().__init__(None)


class CudaTensorType(type):
    """The class of torch.cuda.FloatTensor and its kin: nothing is an instance."""

    def __instancecheck__(cls, value: Any) -> bool:
        return False

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise DtypeError(
            f"type torch.cuda.{cls.__name__} not available. Torch not compiled with CUDA enabled.",
            fix=f"Use torch.{cls.__name__}, or torch.tensor with a dtype.",
        )


for _name, _dtype in LEGACY.items():
    globals()[f"{_name}Tensor"] = CudaTensorType(
        f"{_name}Tensor", (),
        {"dtype": _dtype, "is_cuda": True, "__module__": "torch.cuda",
         "__doc__": "The type of tensors on a GPU; there are none here."},
    )  # fmt: skip


def __getattr__(name: str) -> Any:
    """Modules below this one, on first need."""
    if name in ("amp", "nvtx", "nccl", "profiler", "comm"):
        import importlib

        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module 'chainrule.cuda' has no attribute '{name}'")


def _same(name: str, names: str) -> None:
    """A module below this one that holds some of its names, as torch sorts them."""
    module = type(sys)(f"{__name__}.{name}", f"torch.cuda.{name}: names of torch.cuda.")
    for n in names.split():
        setattr(module, n, globals()[n])
    sys.modules[module.__name__] = module
    globals()[name] = module


_same("memory", "memory_allocated max_memory_allocated memory_reserved max_memory_reserved "
      "memory_cached max_memory_cached memory_stats memory_summary memory_snapshot empty_cache "
      "mem_get_info reset_peak_memory_stats reset_max_memory_allocated list_gpu_processes "
      "set_per_process_memory_fraction")  # fmt: skip
_same("random", "get_rng_state get_rng_state_all set_rng_state set_rng_state_all manual_seed "
      "manual_seed_all seed seed_all initial_seed")  # fmt: skip
_same("streams", "Stream ExternalStream Event")
_same("graphs", "CUDAGraph graph graph_pool_handle make_graphed_callables")
