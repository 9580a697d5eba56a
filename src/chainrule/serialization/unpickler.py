"""Reading what a pickle describes without running what it says.

A pickle is a program that may name any function and call it.  Here a call is carried out only if
it is one of `CALLS`, tensors and plain containers, each done by a function of this file; every
other name is refused with its name.  `weights_only=False` adds nothing that runs: it lets objects
of module and optimiser classes be filled with attributes, when this package defines the class or
the running program already has; and objects of plain classes that the program itself defines.
"""

from __future__ import annotations

import math
import pickle
import re
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from types import MemberDescriptorType
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.errors import ChainruleError, FileFormatError
from chainrule.functional.storages import TypedStorage
from chainrule.nn.parameter import Buffer, Parameter, made
from chainrule.serialization.names import STORAGES, ours
from chainrule.tensor import Tensor, from_array

PLAIN: Any = pickle._Unpickler  # type: ignore[attr-defined]
ELEMENTS = 1 << 62  # more than any memory holds; NumPy's own limit lies above


class Refused(Exception):
    """What the pickle asks for beyond data, in words."""


class RefusedError(FileFormatError, pickle.UnpicklingError):
    """The file asks for something that is not data."""


class Memory(TypedStorage):
    """The memory that a reference in the file means: a storage, where it is saved by itself."""

    def __init__(self, dtype: Any, flat: Any) -> None:
        self._array = self.flat = flat


def integers(values: Any) -> tuple[int, ...]:
    plain = type(values) in (tuple, dtypes.Size, list)
    if not plain or not all(type(n) is int and n >= 0 for n in values):
        raise Refused(f"a size or stride {values!r:.60}")
    return tuple(values)


# ---- what may be called: each with arguments that nobody has checked ---------------------------


def rebuild_tensor(memory: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False,
                   hooks: Any = None, metadata: Any = None) -> Tensor:  # fmt: skip
    """A tensor over memory of the file."""
    if not isinstance(memory, Memory):
        raise Refused("a tensor without memory")
    flat = memory.flat
    shape, steps = integers(size), integers(stride)
    (start,) = integers((offset,))
    if len(shape) != len(steps):
        raise Refused(f"a tensor with the shape {shape} and the stride {steps}")
    count = math.prod(shape)
    last = start + sum((n - 1) * s for n, s in zip(shape, steps, strict=True))
    if (count and last >= flat.size) or count > ELEMENTS:
        raise Refused(
            f"a tensor of shape {list(shape)} and stride {list(steps)} at {start}, outside of its "
            f"memory of {flat.size} elements"
        )
    if not count:
        array = np.empty(shape, flat.dtype)
    elif steps == dense_strides(shape):
        array = flat[start : start + count].reshape(shape)
    else:
        item = flat.itemsize
        array = np.lib.stride_tricks.as_strided(flat[start:], shape, [s * item for s in steps])
    if metadata:
        for flag in ("conj", "neg"):
            if isinstance(metadata, dict) and metadata.get(flag):
                array = np.conj(array) if flag == "conj" else -array
    tensor: Tensor = from_array(array)
    if requires_grad is True and flat.dtype.kind in "fVc":
        tensor.requires_grad_()
    return tensor


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    from chainrule.serialization.pickler import dense

    return dense(shape)


def rebuild_tensor_of_dtype(memory: Any, offset: Any, size: Any, stride: Any, requires_grad: Any,
                            hooks: Any, dtype: Any, metadata: Any = None) -> Tensor:  # fmt: skip
    """A tensor over memory that is kept as bytes."""
    if type(dtype) is not dtypes.dtype or not isinstance(memory, Memory):
        raise Refused(f"a tensor of dtype {dtype!r:.60}")
    raw = memory.flat.view(np.uint8)
    whole = raw[: raw.size - raw.size % dtype.itemsize].view(dtype.dtype)
    return rebuild_tensor(Memory(dtype, whole), offset, size, stride, requires_grad, hooks)


def rebuild_parameter(data: Any, requires_grad: Any, hooks: Any = None, state: Any = None) -> Any:
    if not isinstance(data, Tensor):
        raise Refused("a parameter that is no tensor")
    parameter = made(Parameter, data._array, requires_grad is True)
    give_attributes(parameter, state)
    return parameter


def rebuild_with_type(rebuild: Any, kind: Any, args: Any, state: Any) -> Any:
    """A tensor with attributes."""
    makers = (rebuild_tensor, rebuild_tensor_of_dtype, rebuild_parameter)
    if rebuild not in makers or type(args) is not tuple:
        raise Refused(f"a tensor made by {rebuild!r:.60}")
    tensor = rebuild(*args)
    if isinstance(state, tuple):  # (attributes, slots)
        state = state[0]
    if isinstance(state, dict) and state.pop("_is_buffer", False):
        persistent = state.pop("persistent", True)
        tensor = Buffer(tensor, persistent=persistent is True)
    elif kind is Parameter and type(tensor) is Tensor:
        tensor = made(Parameter, tensor._array, tensor.requires_grad)
    give_attributes(tensor, state)
    return tensor


def give_attributes(tensor: Tensor, state: Any) -> None:
    from chainrule.functional.protocols import OWN

    if isinstance(state, dict):
        tensor.__dict__.update({k: v for k, v in state.items() if type(k) is str
                                and k not in OWN and not hasattr(type(tensor), k)})  # fmt: skip


def rebuild_sparse(layout: Any, parts: Any) -> Any:
    import chainrule

    name = str(layout)
    if type(parts) is not tuple or not all(isinstance(p, Tensor) for p in parts[:2]):
        raise Refused("a sparse tensor without its parts")
    if name == "torch.sparse_coo":
        made = chainrule.sparse_coo_tensor(*parts[:3], check_invariants=True)
        return made._coalesced_(parts[3] is True) if len(parts) > 3 else made
    if name in ("torch.sparse_csr", "torch.sparse_csc") and len(parts) >= 4:
        return getattr(chainrule, name[6:] + "_tensor")(*parts[:4], check_invariants=True)
    raise Refused(f"a tensor of layout {name:.40}")


def layout_named(name: Any) -> Any:
    import chainrule

    found = getattr(chainrule, str(name).removeprefix("torch."), None)
    if not isinstance(found, dtypes.layout):
        raise Refused(f"a layout {name!r:.40}")
    return found


def text_as_bytes(text: Any, encoding: Any = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise Refused(f"a text in the encoding {encoding!r:.20}")
    return text.encode("latin-1")


def byte_array(data: Any = b"", encoding: Any = None) -> bytearray:
    if isinstance(data, str):
        data = text_as_bytes(data, encoding)
    if not isinstance(data, (bytes, bytearray)):
        raise Refused("a bytearray that is not made of bytes")
    return bytearray(data)


def ordered(items: Any = ()) -> Any:
    return OrderedDict(items)


def default_dict(factory: Any = None, items: Any = ()) -> Any:
    if factory is not None and factory not in FACTORIES:
        raise Refused(f"a defaultdict of {factory!r:.60}")
    return defaultdict(factory, items)


def device(*args: Any) -> Any:
    return dtypes.device(*args)


NUMBERS = re.compile(r"b1|[iuf][1248]|f16|c8|c16|[SU]\d{1,9}")


def numpy_dtype(code: Any, *_: Any) -> Any:
    """A dtype of numbers or fixed-length text; never one of objects."""
    if not isinstance(code, str) or not NUMBERS.fullmatch(code):
        raise Refused(f"an array of dtype {code!r:.40}")
    return np.dtype(code, copy=True)


def numpy_array(*_: Any) -> Any:
    """An empty array, to be given its content by `fill_array`."""
    return np.ndarray((0,), np.int8)


def fill_dtype(dtype: Any, state: Any) -> None:
    """The byte order of a dtype just made."""
    if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", ">", "=", "|"):
        raise Refused(f"a dtype with the state {state!r:.60}")
    if dtype.kind in "SU":
        align, flags = (4, 8) if dtype.kind == "U" else (1, 0)
        dtype.__setstate__((3, state[1], None, None, None, dtype.itemsize, align, flags))
    elif state[1] in "<>":
        dtype.__setstate__((3, state[1], None, None, None, -1, -1, 0))


def checked_content(shape: Any, dtype: Any, data: Any) -> tuple[tuple[int, ...], bytes]:
    if isinstance(data, str):  # the bytes of Python 2, read as latin-1
        data = data.encode("latin-1")
    sizes = integers(shape)
    if not isinstance(dtype, np.dtype) or dtype.hasobject or type(data) not in (bytes, bytearray):
        raise Refused("an array whose state is not that of an array")
    if math.prod(sizes) * dtype.itemsize != len(data):
        raise Refused(f"an array of shape {sizes} with {len(data)} bytes of data")
    return sizes, bytes(data)


def fill_array(array: Any, state: Any) -> None:
    if type(state) is not tuple or len(state) != 5:
        raise Refused("an array whose state is not that of an array")
    _, shape, dtype, fortran, data = state
    sizes, content = checked_content(shape, dtype, data)
    array.__setstate__((1, sizes, dtype, fortran is True, content))


def array_of_buffer(data: Any, dtype: Any, shape: Any, order: Any = "C") -> Any:
    sizes, content = checked_content(shape, dtype, data)
    flat = np.frombuffer(bytearray(content), dtype)
    return flat.reshape(sizes, order="F" if order == "F" else "C")


def number_of_numpy(dtype: Any, data: Any = None) -> Any:
    """A NumPy scalar."""
    return np.frombuffer(checked_content((), dtype, data)[1], dtype)[0]


def plain_path(*parts: Any) -> Any:
    import pathlib

    if not all(isinstance(p, str) for p in parts):
        raise Refused("a path that is no text")
    return pathlib.PurePath(*parts) if not parts else pathlib.Path(*parts)


BUILTIN: Any = (set, frozenset, list, dict, tuple, int, float, str, bool, complex, bytes, slice,
                range)  # fmt: skip
FACTORIES = (list, dict, set, int, float, str, tuple, bool)


def guarded(kind: Any, *allowed: type) -> Any:
    """A container made of at most one argument, which is data already read."""

    def make(*args: Any) -> Any:
        if len(args) > 2 or not all(isinstance(a, allowed or ITEMS) for a in args):
            raise Refused(f"{kind.__name__} of {args!r:.60}")
        return kind(*args)

    return make


ITEMS = (list, tuple, set, frozenset, dict, int, float, str, bytes, type(None))


def names() -> tuple[dict[tuple[str, str], Any], dict[Any, Any], dict[Any, Any]]:
    """What a name in a file means, what calling it does, and which objects may be filled."""
    import argparse
    import datetime
    import types

    found: dict[tuple[str, str], Any] = {
        ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v3"): rebuild_tensor_of_dtype,
        ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): rebuild_parameter,
        ("torch._utils", "_rebuild_sparse_tensor"): rebuild_sparse,
        ("torch._tensor", "_rebuild_from_type_v2"): rebuild_with_type,
        ("torch.serialization", "_get_layout"): layout_named,
        ("torch", "Size"): dtypes.Size, ("torch", "device"): device, ("torch", "Tensor"): Tensor,
        ("torch.nn.parameter", "Parameter"): Parameter,
        ("collections", "OrderedDict"): OrderedDict, ("collections", "Counter"): Counter,
        ("collections", "defaultdict"): defaultdict, ("collections", "deque"): deque,
        ("_codecs", "encode"): text_as_bytes,
        ("argparse", "Namespace"): argparse.Namespace,
        ("types", "SimpleNamespace"): types.SimpleNamespace,
        ("pathlib", "PosixPath"): plain_path, ("pathlib", "WindowsPath"): plain_path,
        ("pathlib._local", "PosixPath"): plain_path, ("pathlib", "Path"): plain_path,
        ("pathlib", "PurePosixPath"): plain_path,
        ("datetime", "datetime"): datetime.datetime, ("datetime", "date"): datetime.date,
        ("datetime", "timedelta"): datetime.timedelta,
        ("numpy", "dtype"): numpy_dtype, ("numpy", "ndarray"): np.ndarray,
    }  # fmt: skip
    for core in ("numpy.core", "numpy._core"):
        found[core + ".multiarray", "_reconstruct"] = numpy_array
        found[core + ".multiarray", "scalar"] = number_of_numpy
        found[core + ".numeric", "_frombuffer"] = array_of_buffer
    for kind in BUILTIN:
        found["builtins", kind.__name__] = found["__builtin__", kind.__name__] = kind
    found["__builtin__", "xrange"] = range
    found["builtins", "Ellipsis"] = found["__builtin__", "Ellipsis"] = ...
    found["builtins", "bytearray"] = found["__builtin__", "bytearray"] = byte_array
    for name, dtype in STORAGES.items():
        found["torch", name] = found["torch.cuda", name] = ("storage", dtype)
    for module in ("torch.storage", "torch"):
        found[module, "UntypedStorage"] = ("storage", dtypes.uint8)
    calls: dict[Any, Any] = {
        f: f for f in (
            rebuild_tensor, rebuild_tensor_of_dtype, rebuild_parameter, rebuild_sparse, device,
            rebuild_with_type, layout_named, text_as_bytes, byte_array, plain_path,
            number_of_numpy, numpy_dtype, numpy_array, array_of_buffer,
        )
    }  # fmt: skip
    calls |= {OrderedDict: ordered, defaultdict: default_dict}
    kinds: Any = (set, frozenset, list, dict, tuple)
    calls |= {k: guarded(k, *kinds) for k in (*kinds, Counter)}
    calls |= {k: guarded(k, int, float) for k in (complex, bool)}
    calls |= {dtypes.Size: guarded(dtypes.Size, list, tuple), deque: guarded(deque),
              bytes: guarded(bytes, bytes, list, tuple)}  # fmt: skip
    calls |= {slice: lambda *a: slice(*a), range: lambda *a: range(*a)}
    calls |= {
        k: guarded_calendar(k) for k in (datetime.datetime, datetime.date, datetime.timedelta)
    }
    filled = {argparse.Namespace: None, types.SimpleNamespace: None}
    return found, calls, filled


def guarded_calendar(kind: Any) -> Any:
    def make(*args: Any) -> Any:
        if len(args) > 8 or not all(isinstance(a, (int, bytes, str, float)) for a in args):
            raise Refused(f"{kind.__name__} of {args!r:.60}")
        if args and isinstance(args[0], str):
            args = (args[0].encode("latin-1"), *args[1:])
        return kind(*args)

    return make


NAMES, CALLS, FILLED = names()
SAFE: dict[tuple[str, str], Any] = {}  # what the user has added with add_safe_globals


def loaded(module: str, name: str) -> Any:
    """A class that this package defines or the program has already loaded; never imported."""
    found = ours(module, name)
    if found is None and "." not in name:
        home = sys.modules.get(module)
        found = vars(home).get(name) if home is not None else None
    return found


def fillable(kind: Any) -> bool:
    """Whether an object of this class is made of attributes: modules, optimisers, schedules."""
    from chainrule.nn import Module
    from chainrule.optim import Optimizer
    from chainrule.optim.lr_scheduler import LRScheduler
    from chainrule.utils.data import Dataset

    if not isinstance(kind, type):
        return False
    return issubclass(kind, (Module, Optimizer, LRScheduler, Dataset)) or plain(kind)


def plain(kind: Any) -> bool:
    """Whether the running program defines this class and making an object of it runs nothing:
    no `__new__`, `__setstate__` or `__del__` of its own.  Its methods are not called.
    """
    return (
        type(kind) is type
        and kind.__new__ is object.__new__
        and not hasattr(kind, "__del__")
        and not hasattr(kind, "__setstate__")
        and not issubclass(kind, BaseException)
        and own_module(kind.__module__)
    )


def fill_object(target: Any, state: Any) -> None:
    """Give an object of a plain class its attributes, with nothing of the class called."""
    attributes, slots = state if type(state) is tuple and len(state) == 2 else (state, None)
    for values in (attributes, slots):
        if values is not None and (type(values) is not dict
                                   or not all(type(k) is str for k in values)):  # fmt: skip
            raise Refused(f"a {type(target).__name__} whose state is no attributes")
    if attributes:
        object.__getattribute__(target, "__dict__").update(attributes)
    for name, value in (slots or {}).items():
        if type(getattr(type(target), name, None)) is not MemberDescriptorType:
            raise Refused(f"a {type(target).__name__} with the slot {name!r:.40}")
        object.__setattr__(target, name, value)


def own_module(name: str) -> bool:
    """Whether a loaded module belongs to the program, not to Python or an installed package."""
    if name == "__main__":
        return True
    path = getattr(sys.modules.get(name), "__file__", None)
    if path is None:
        return False
    import os
    import sysconfig

    installed = {sysconfig.get_path(k) for k in ("stdlib", "platstdlib", "purelib", "platlib")}
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return not os.path.abspath(path).startswith(tuple(p + os.sep for p in {*installed, here}))


class Unpickler(PLAIN):  # type: ignore[misc]
    """The unpickler written in Python, which cannot be made to take more memory than the file is
    long, with every way of calling anything replaced.

    Args:
        file: the pickle.
        memory: what gives the Memory of a reference.
        objects: whether objects of known classes may be filled (`weights_only=False`).
    """

    dispatch = dict(PLAIN.dispatch)

    def __init__(self, file: Any, memory: Any, objects: bool, encoding: str = "utf-8") -> None:
        super().__init__(file, encoding=encoding)
        self.memory, self.objects = memory, objects

    def find_class(self, module: str, name: str) -> Any:
        key = module, name
        if key in SAFE:
            return SAFE[key]
        if key in NAMES:
            return NAMES[key]
        if module in ("torch", "chainrule"):
            import chainrule

            found = getattr(chainrule, name, None) if name.isidentifier() else None
            if type(found) in (dtypes.dtype, dtypes.memory_format, dtypes.layout):
                return found
        if self.objects:
            found = loaded(module, name)
            if fillable(found) or (found is not None and public_function(found, module)):
                return found
        raise Refused(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        return self.memory(pid)

    def call(self, function: Any, args: Any) -> Any:
        if type(args) is not tuple:
            raise Refused("a call without arguments")
        try:
            work = CALLS.get(function)
        except TypeError:
            work = None
        if work is None and function in SAFE.values():
            work = function
        if work is None:
            raise Refused(f"a call of {named(function)}")
        try:
            return work(*args)
        except ChainruleError as error:
            raise Refused(f"a call of {named(function)} that fails: {error}") from None

    def make(self, kind: Any, args: Any, kwargs: Any = None) -> Any:
        if any(kind is k for k in SAFE.values()):
            return kind.__new__(kind, *args, **(kwargs or {}))
        if kind in FILLED and not args:
            return kind()
        if self.objects and fillable(kind) and not args and not kwargs:
            return kind.__new__(kind)
        if kwargs:
            raise Refused(f"a call of {named(kind)}")
        return self.call(kind, args)

    def load_reduce(self) -> None:
        args = self.stack.pop()
        function = self.stack[-1]
        self.stack[-1] = self.call(function, args)

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.append(self.make(self.stack.pop(), args))

    def load_newobj_ex(self) -> None:
        kwargs, args = self.stack.pop(), self.stack.pop()
        self.append(self.make(self.stack.pop(), args, kwargs))

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        kind = type(target)
        if kind is np.ndarray:
            fill_array(target, state)
        elif isinstance(target, np.dtype):
            fill_dtype(target, state)
        elif kind in (OrderedDict, *FILLED) and isinstance(state, dict):
            target.__dict__.update({sys.intern(k): v for k, v in state.items() if type(k) is str})
        elif self.objects and plain(kind) and kind not in SAFE.values():
            fill_object(target, state)
        elif (self.objects and fillable(kind)) or kind in SAFE.values():
            self.stack.append(state)
            super().load_build()
        else:
            raise Refused(f"attributes for {named(kind)}")

    def load_old_object(self) -> None:
        raise Refused("an object of the oldest kind (INST, OBJ)")

    def load_extension(self) -> None:
        raise Refused("a registered extension code")

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build
    for _code in (pickle.INST, pickle.OBJ):
        dispatch[_code[0]] = load_old_object
    for _code in (pickle.EXT1, pickle.EXT2, pickle.EXT4):
        dispatch[_code[0]] = load_extension


FUNCTIONS = ("chainrule.functional", "chainrule.nn.functional", "chainrule.autograd")


def public_function(found: Any, module: str) -> bool:
    """A function of this package as data, such as a layer's activation; reading never calls it."""
    home = getattr(found, "__module__", "") or ""
    return (
        callable(found)
        and not isinstance(found, type)
        and home.startswith(FUNCTIONS)
        and module.startswith(("torch", "chainrule"))
    )


def named(thing: Any) -> str:
    name = getattr(thing, "__qualname__", None)
    if name is None:
        return f"an object of type {type(thing).__name__}"
    return f"{getattr(thing, '__module__', '')}.{name}"
