"""torch.cuda on a machine whose tensors live on the CPU: it says so, and seeding does nothing."""

from __future__ import annotations

import contextlib
from typing import Any

from chainrule.errors import DeviceError
from chainrule.functional.options import check_device


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


def memory_allocated(device: Any = None) -> int:
    """Always 0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def is_current_stream_capturing() -> bool:
    """Always False."""
    return False


def _refuse(*args: Any, **kwargs: Any) -> Any:
    """An error: there is no GPU here."""
    check_device("cuda")


current_device = synchronize = get_device_name = get_device_properties = _refuse
get_device_capability = current_stream = default_stream = set_device = init = _refuse
get_rng_state = set_rng_state = mem_get_info = _refuse


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
        _refuse()


class Event(Stream):
    """A mark in a stream.  Errors: there is no GPU here."""


def stream(stream: Any) -> Any:
    """A context that does nothing."""
    return contextlib.nullcontext()


class device:
    """A context manager that chooses a GPU; with None or a negative number it does nothing."""

    def __init__(self, device: Any) -> None:
        if device is not None and not (isinstance(device, int) and device < 0):
            raise DeviceError("Torch not compiled with CUDA enabled: there is no GPU to choose")

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None
