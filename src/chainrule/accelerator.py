"""torch.accelerator where there is none."""

from __future__ import annotations

import functools
from typing import Any

from chainrule.errors import DeviceError


def is_available() -> bool:
    """Always False.

    >>> import chainrule as torch
    >>> torch.accelerator.current_accelerator() is None
    True
    """
    return False


def device_count() -> int:
    """Always 0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None: there is no accelerator."""


def refuse(*args: Any, **kwargs: Any) -> Any:
    """An error: there is no accelerator."""
    raise DeviceError("Cannot access accelerator device when none is available.",
                      fix="Ask torch.accelerator.is_available() first.")  # fmt: skip


current_device_index = current_device_idx = set_device_index = set_device_idx = refuse
current_stream = set_stream = synchronize = empty_cache = memory_stats = refuse
memory_allocated = max_memory_allocated = memory_reserved = max_memory_reserved = refuse
reset_peak_memory_stats = reset_accumulated_memory_stats = get_memory_info = refuse
get_device_capability = functools.partial(refuse)


class device_index:
    """A context that chooses an accelerator by number; None chooses none.

    Errors: on entering, there is none to choose.
    """

    def __init__(self, device: int | None) -> None:
        self.index = device

    def __enter__(self) -> None:
        if self.index is not None:
            refuse()

    def __exit__(self, *exc: Any) -> None:
        return None
