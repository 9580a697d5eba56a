"""torch.multiprocessing: Python's multiprocessing, with `spawn` and tensors that travel.

Tensors are pickled with their values; a tensor in shared memory (`share_memory_`) is shared by
processes that are forked.
"""

from __future__ import annotations

import multiprocessing as _mp
import sys
from multiprocessing import *  # noqa: F403
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.multiprocessing.spawn import (
    ProcessContext,
    ProcessException,
    ProcessExitedException,
    ProcessRaisedException,
    SpawnContext,
    start_processes,
)
from chainrule.multiprocessing.spawn import spawn as spawn

__all__ = [
    *_mp.__all__, "ProcessContext", "ProcessException", "ProcessExitedException",
    "ProcessRaisedException", "SpawnContext", "get_all_sharing_strategies", "get_sharing_strategy",
    "set_sharing_strategy", "spawn", "start_processes",
]  # fmt: skip

_STRATEGIES = {"file_descriptor", "file_system"} if sys.platform != "darwin" else {"file_system"}


class _Strategy:
    name = "file_descriptor" if "file_descriptor" in _STRATEGIES else "file_system"


def set_sharing_strategy(new_strategy: str) -> None:
    """Kept for programs that call it: tensors travel by value here.

    Errors: names torch does not know.
    """
    if new_strategy not in _STRATEGIES:
        raise SharingError(f"invalid sharing strategy {new_strategy!r}, expected one of "
                           f"{sorted(_STRATEGIES)}")  # fmt: skip
    _Strategy.name = new_strategy


def get_sharing_strategy() -> str:
    """What `set_sharing_strategy` was given."""
    return _Strategy.name


def get_all_sharing_strategies() -> set[str]:
    """The names torch knows on this platform."""
    return set(_STRATEGIES)


class SharingError(ArgumentError, AssertionError):
    """A sharing strategy that is not there."""


def init_reductions() -> None:
    """Nothing: tensors are pickled with their values."""


def __getattr__(name: str) -> Any:
    return getattr(_mp, name)
