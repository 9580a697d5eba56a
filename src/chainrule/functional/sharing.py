"""Memory that processes share: `share_memory_`, and how such tensors travel to other processes.

The memory is a file without a name that is mapped into the process.  Forked processes inherit the
mapping; to others `multiprocessing` sends the file's descriptor.
"""

from __future__ import annotations

import mmap
import os
import sys
import weakref
from typing import Any

import numpy as np

from chainrule.functional.protocols import attributes, finish_copy
from chainrule.storage import owner
from chainrule.tensor import Tensor, from_array

Array = Any


class SharedMap(mmap.mmap):
    """A mapped file, with the descriptor that others may map."""

    descriptor: int

    def __del__(self) -> None:
        os.close(self.descriptor)


_maps: weakref.WeakValueDictionary[tuple[int, int], SharedMap] = weakref.WeakValueDictionary()


def mapped(descriptor: int, size: int) -> SharedMap:
    """The file behind a descriptor, which is this map's from now on; one map for one file."""
    status = os.fstat(descriptor)
    key = status.st_dev, status.st_ino
    found = _maps.get(key)
    if found is None:
        found = _maps[key] = SharedMap(descriptor, size)
        found.descriptor = descriptor
    elif descriptor != found.descriptor:
        os.close(descriptor)
    return found


def nameless_file(size: int) -> int:
    """A file in memory, or in the folder for temporary files where that is not to be had."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tensor")
    else:
        import tempfile  # at the first use: it is slow to import

        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size)
    return descriptor


def map_of(array: Array) -> SharedMap | None:
    """The shared memory in which an array lies, if it does."""
    base = owner(array).base
    if isinstance(base, memoryview):
        base = base.obj
    return base if isinstance(base, SharedMap) else None


def is_shared(self: Tensor) -> bool:
    """Whether other processes can see this memory."""
    return map_of(self._array) is not None


def share_memory_(self: Tensor) -> Tensor:
    """Move this tensor into memory that other processes see when they get the tensor.

    Processes that are forked afterwards, and those that get it as an argument, read and write
    the same numbers.  Other views of the memory it had before stay where they are.

    >>> import chainrule as torch
    >>> torch.ones(2).share_memory_().is_shared()
    True
    """
    array = self._array
    if map_of(array) is not None or sys.platform == "win32":
        return self
    whole = mapped(nameless_file(max(array.nbytes, 1)), max(array.nbytes, 1))
    fresh = np.empty_like(array)  # for its strides: those of `array`, without gaps
    shared = np.ndarray(array.shape, array.dtype, whole, strides=fresh.strides)
    shared[...] = array
    self._array = shared
    register(type(self))
    return self


def register(*kinds: type) -> None:
    """Tell `multiprocessing` how shared tensors travel."""
    from multiprocessing.reduction import ForkingPickler

    for kind in (Tensor, *kinds):
        ForkingPickler.register(kind, reduced)


def reduced(tensor: Tensor) -> Any:
    """What travels: the descriptor of shared memory, or the values."""
    whole = map_of(tensor._array)
    if whole is None:
        return tensor.__reduce_ex__(2)
    array = tensor._array
    start = array.__array_interface__["data"][0]
    first = np.frombuffer(whole, np.uint8).__array_interface__["data"][0]
    place = (array.dtype, array.shape, array.strides, start - first)
    kept = (tensor._node is not None, attributes(tensor))
    return received, (type(tensor), sent(whole.descriptor), len(whole), place, *kept)


def sent(descriptor: int) -> Any:
    """What carries a descriptor to another process."""
    from multiprocessing.context import get_spawning_popen
    from multiprocessing.reduction import DupFd

    child: Any = get_spawning_popen()
    if child is not None and child.method == "spawn" and descriptor in child._fds:
        return child.DupFd(descriptor)  # it is on its way; a second time would be refused
    return DupFd(descriptor)


def received(kind: Any, descriptor: Any, size: int, place: Any, requires_grad: bool,
             extra: Any) -> Any:  # fmt: skip
    """The tensor over the same memory, in another process."""
    dtype, shape, strides, offset = place
    whole = mapped(descriptor.detach(), size)
    out = from_array(np.ndarray(shape, dtype, whole, offset, strides), kind)
    finish_copy(out, requires_grad, extra)
    register(kind)
    return out


for _function in (share_memory_, is_shared):
    setattr(Tensor, _function.__name__, _function)
