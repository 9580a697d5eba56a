"""torch.nn.attention: choosing among attention kernels, which are one here."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator
from typing import Any

import chainrule.backends as switches

WARN_FOR_UNFUSED_KERNELS = False


class SDPBackend(enum.IntEnum):
    """The kinds of attention kernel that torch has."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4

    __repr__ = __str__ = lambda self: f"SDPBackend.{self.name}"  # type: ignore[assignment]


SWITCH = {
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "flash": SDPBackend.FLASH_ATTENTION,
    "mem_efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
    "overrideable": SDPBackend.OVERRIDEABLE,
}


@contextlib.contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[dict[str, Any]]:
    """Allow only these kinds of kernel within a block; the results are the same.

    >>> import chainrule as torch
    >>> from chainrule.nn.attention import SDPBackend, sdpa_kernel
    >>> with sdpa_kernel(SDPBackend.MATH):
    ...     torch.backends.cuda.flash_sdp_enabled()
    False
    """
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError(
            "Backend must be an instance of SDPBackend or a list of SDPBackend instances, got "
            f"{type(backends).__name__}"
        )
    allowed = [backends] if isinstance(backends, SDPBackend) else backends
    enabled = switches.cuda.attention
    before = dict(enabled)
    try:
        enabled.update({name: kind in allowed for name, kind in SWITCH.items()})
        yield {}
    finally:
        enabled.update(before)


def _cur_sdpa_kernel_backends(with_priority: bool = False) -> list[SDPBackend]:
    return [kind for name, kind in SWITCH.items() if switches.cuda.attention[name]]


__all__ = ["WARN_FOR_UNFUSED_KERNELS", "SDPBackend", "sdpa_kernel"]
