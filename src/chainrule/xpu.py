"""torch.xpu on a machine without an Intel GPU: nothing is available, and it says so."""

from __future__ import annotations

from typing import Any

from chainrule.errors import DeviceError


def is_available() -> bool:
    """Always False."""
    return False


def is_initialized() -> bool:
    """Always False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Always False."""
    return False


def device_count() -> int:
    """Always 0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing: there is no GPU to seed."""


manual_seed_all = manual_seed


def seed() -> None:
    """Nothing: there is no GPU to seed."""


seed_all = empty_cache = seed


def memory_allocated(device: Any = None) -> int:
    """Always 0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def memory_stats(device: Any = None) -> dict[str, Any]:
    """Empty: there are no statistics."""
    return {}


def reset_peak_memory_stats(device: Any = None) -> None:
    """Nothing: there are no statistics."""


reset_accumulated_memory_stats = reset_peak_memory_stats


def get_rng_state_all() -> list[Any]:
    """An empty list: one state per GPU."""
    return []


def refuse(*args: Any, **kwargs: Any) -> Any:
    """An error: there is no Intel GPU here."""
    raise DeviceError("Torch not compiled with XPU enabled",
                      fix="Ask torch.xpu.is_available() first.")  # fmt: skip


current_device = synchronize = get_device_name = get_device_properties = init = refuse
get_device_capability = current_stream = set_device = mem_get_info = initial_seed = refuse
get_rng_state = set_rng_state = set_stream = refuse


def set_rng_state_all(new_states: Any) -> None:
    """Nothing, if the list is empty."""
    if len(new_states):
        refuse()


class Stream:
    """A queue of work on a GPU.  Errors: there is none here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        refuse()


class Event(Stream):
    """A mark in a stream.  Errors: there is no GPU here."""
