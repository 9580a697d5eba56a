"""Writing objects as torch writes them: tensors by reference, classes under torch's names.

This is Python's own pickler, told how to put down a tensor.  The functions a file names
(`torch._utils._rebuild_tensor_v2`) need not exist here: they are written as names.
"""

from __future__ import annotations

import io
import pickle
import types
from collections import OrderedDict
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.functional.protocols import attributes
from chainrule.functional.storages import UntypedStorage
from chainrule.nn.parameter import Buffer, Parameter
from chainrule.serialization.names import STORAGE_OF, Name, written
from chainrule.storage import owner
from chainrule.tensor import Tensor

TENSOR = Name("torch._utils", "_rebuild_tensor_v2")
TENSOR_OF_DTYPE = Name("torch._utils", "_rebuild_tensor_v3")
SPARSE = Name("torch._utils", "_rebuild_sparse_tensor")
PARAMETER = Name("torch._utils", "_rebuild_parameter")
PARAMETER_WITH = Name("torch._utils", "_rebuild_parameter_with_state")
WITH_TYPE = Name("torch._tensor", "_rebuild_from_type_v2")
PLAIN = Name("torch", "Tensor")
LAYOUT = Name("torch.serialization", "_get_layout")
DEVICE = Name("torch", "device")
SIZE = Name("torch", "Size")
UNTYPED = Name("torch.storage", "UntypedStorage")


class Memory:
    """A piece of memory that tensors share: what a file keeps once."""

    def __init__(self, key: str, flat: Any) -> None:
        self.key, self.flat = key, flat

    @property
    def reference(self) -> tuple[Any, ...]:
        name = STORAGE_OF.get(self.flat.dtype)
        if name is None:
            return ("storage", UNTYPED, self.key, "cpu", self.flat.nbytes)
        return ("storage", Name("torch", name), self.key, "cpu", self.flat.size)


def flat_memory(array: Any) -> Any:
    """All memory behind an array as a flat array of its dtype, or None if that is not a whole."""
    own = owner(array)
    if own.dtype.hasobject or own.nbytes % array.itemsize:
        return None
    if not own.flags.forc:
        order = sorted(range(own.ndim), key=lambda i: -own.strides[i])
        own = own.transpose(order)
        if not own.flags.c_contiguous:
            return None
    flat = own.reshape(-1, order="A") if own.flags.forc else own.reshape(-1)
    return flat.view(array.dtype) if flat.dtype != array.dtype else flat


PLAIN_PICKLER: Any = pickle._Pickler  # type: ignore[attr-defined]


class Pickler(PLAIN_PICKLER):  # type: ignore[misc]
    """Python's pickler with tensors put aside: their memory is collected in `memories`."""

    dispatch = dict(PLAIN_PICKLER.dispatch)

    def __init__(self, file: Any, protocol: int = 2) -> None:
        super().__init__(file, protocol)
        self.memories: dict[tuple[int, Any], Memory] = {}
        self.keep: list[Any] = []
        self.names: dict[tuple[str, str], Name] = {}

    # ---- tensors -------------------------------------------------------------------------

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Tensor):
            return self.reduce_tensor(obj)
        kind = type(obj)
        if kind is dtypes.dtype:
            return obj.name
        if kind is dtypes.Size:
            return SIZE, (tuple(obj),)
        if kind is dtypes.device:
            return DEVICE, (obj.type,) if obj.index is None else (obj.type, obj.index)
        if kind is dtypes.layout:
            return LAYOUT, (str(obj),)
        if kind is dtypes.memory_format:
            return obj.name
        return NotImplemented

    def reduce_tensor(self, tensor: Tensor) -> Any:
        extra = attributes(tensor)
        kind = type(tensor)
        if getattr(tensor, "is_sparse", False) or getattr(tensor, "is_sparse_csr", False):
            return self.sparse(tensor)
        wanted = tensor.requires_grad
        if isinstance(tensor, Parameter):
            data = Rebuilt(self.tensor(tensor._array, False))
            if extra:
                return PARAMETER_WITH, (data, wanted, OrderedDict(), extra)
            return PARAMETER, (data, wanted, OrderedDict())
        rebuild, args = self.tensor(tensor._array, wanted)
        if isinstance(tensor, Buffer):
            extra = {"_is_buffer": True, "persistent": tensor.persistent, **extra}
        elif kind is not Tensor:
            return WITH_TYPE, (rebuild, kind, args, extra)
        return (WITH_TYPE, (rebuild, PLAIN, args, extra)) if extra else (rebuild, args)

    def tensor(self, array: Any, requires_grad: bool) -> tuple[Any, Any]:
        """The call that makes a tensor over `array`'s memory."""
        memory = self.memory(array)
        flat = memory.flat
        start = (address(array) - address(flat)) // array.itemsize if array.size else 0
        steps = tuple(s // array.itemsize for s in array.strides)
        if array.size < 2:  # NumPy's strides are arbitrary there
            steps = dense(array.shape)
        place = (memory, start, tuple(array.shape), steps, requires_grad, OrderedDict())
        if array.dtype in STORAGE_OF:
            return TENSOR, place
        return TENSOR_OF_DTYPE, (*place, dtypes.of(array.dtype), None)

    def sparse(self, tensor: Any) -> Any:
        layout = (LAYOUT, (str(tensor.layout),))
        if tensor.is_sparse:
            parts = (tensor._indices(), tensor._values(), tensor.size(), tensor.is_coalesced())
        else:
            parts = (tensor.crow_indices(), tensor.col_indices(), tensor.values(), tensor.size())
        return SPARSE, (Rebuilt(layout), parts)

    def memory(self, array: Any) -> Memory:
        flat = flat_memory(array) if min(array.strides, default=0) >= 0 else None
        if flat is None or not array.size:
            array = flat = np.ascontiguousarray(array).reshape(-1)
        own = owner(flat)
        found = self.memories.get((id(own), array.dtype))
        if found is None:
            found = Memory(str(len(self.memories)), flat)
            self.memories[id(own), array.dtype] = found
            self.keep.append(own)
        return found

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, UntypedStorage):
            obj = self.memory(obj._array)
        return obj.reference if type(obj) is Memory else None

    # ---- names ---------------------------------------------------------------------------

    def save_name(self, obj: Name) -> None:
        known = self.names.setdefault((obj.module, obj.__name__), obj)
        found = self.memo.get(id(known))
        if found is not None:
            self.write(self.get(found[0]))
            return
        self.write(b"c" + f"{known.module}\n{known.__name__}\n".encode())
        self.memoize(known)

    dispatch[Name] = save_name

    def save_rebuilt(self, obj: Rebuilt) -> None:
        self.save_reduce(*obj.call)

    def save_global(self, obj: Any, name: Any = None) -> None:
        module = "torch" if isinstance(name, str) and type(obj) in HERE \
            else getattr(obj, "__module__", "builtins")  # fmt: skip
        if written(module or "") != module or type(obj) in HERE:
            name = name or obj.__qualname__
            self.save_name(Name(written(module, name), name))
            return
        super().save_global(obj, name)

    def save_type(self, obj: Any) -> None:
        module = getattr(obj, "__module__", None)
        if isinstance(module, str) and written(module) != module:
            self.save_global(obj)
        else:
            super().save_type(obj)

    dispatch[type] = save_type
    dispatch[types.FunctionType] = save_global


HERE = (dtypes.dtype, dtypes.memory_format)


class Rebuilt:
    """A call within a call: written where an object would stand."""

    def __init__(self, call: tuple[Any, Any]) -> None:
        self.call = call


Pickler.dispatch[Rebuilt] = Pickler.save_rebuilt


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of row-major order, in elements."""
    steps, step = [], 1
    for n in reversed(shape):
        steps.append(step)
        step *= max(n, 1)
    return tuple(reversed(steps))


def pickled(obj: Any, protocol: int) -> tuple[bytes, list[Memory]]:
    """The pickle of `obj`, and the memory its references mean."""
    out = io.BytesIO()
    pickler = Pickler(out, protocol)
    pickler.dump(obj)
    return out.getvalue(), list(pickler.memories.values())
