"""Who owns an array's memory, and when that memory was last written through a Tensor.

Views share their owner, so a write through one is known to all.  A node that saved a value before
the owner's last write must not use it; comparing two clock readings tells.  Nothing is kept for
memory that was never written in place, and nothing is paid for it.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

import numpy as np

from chainrule.graph import Where, tick

Array = Any


class Write:
    """The writes into one owner's memory: how many, when and where the last one was."""

    __slots__ = ("count", "order", "ref", "where")

    def __init__(self, ref: Any) -> None:
        self.ref = ref
        self.count, self.order = 0, 0
        self.where: Where | None = None


class Clock:
    """When anything was last written in place: nodes made later need no check."""

    last = 0


_writes: dict[int, Write] = {}


def owner(array: Array) -> Array:
    """The array whose memory this one is a view of, or itself."""
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)
    return array


def _forget(key: int, _: Any) -> None:
    _writes.pop(key, None)


def note_write(array: Array, where: Where | None) -> None:
    """Remember that the memory of `array` has just been changed."""
    own = owner(array)
    key = id(own)
    write = _writes.get(key)
    if write is None:
        write = Write(weakref.ref(own, functools.partial(_forget, key)))
        _writes[key] = write
    write.count += 1
    write.order = Clock.last = tick()
    write.where = where


def last_write(array: Array) -> Write | None:
    """The record of writes into the memory of `array`, if there were any."""
    return _writes.get(id(owner(array)))


def version(array: Array) -> int:
    """How often the memory of `array` was written in place (torch's `_version`)."""
    write = last_write(array)
    return 0 if write is None else write.count


def __getattr__(name: str) -> Any:
    """torch.storage is also where torch keeps its classes of storages."""
    if name in ("TypedStorage", "UntypedStorage"):
        import importlib

        return getattr(importlib.import_module("chainrule.functional.storages"), name)
    raise AttributeError(f"module 'chainrule.storage' has no attribute '{name}'")
