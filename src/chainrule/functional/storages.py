"""torch's storages: a tensor's memory as bytes (`UntypedStorage`) or numbers (`TypedStorage`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.errors import ArgumentError
from chainrule.functional.border import EXPORTS
from chainrule.functional.options import check_device
from chainrule.functional.sharing import map_of
from chainrule.storage import note_write, owner
from chainrule.tensor import Tensor, from_array

Array = Any


def memory(array: Array) -> Array:
    """The memory that an array is a view of, as one row of its elements."""
    own = owner(array)
    low, high = np.lib.array_utils.byte_bounds(own)
    count = (high - low) // array.itemsize
    if own.flags.c_contiguous and own.dtype == array.dtype:
        return own.reshape(-1)
    if own.flags.c_contiguous:
        return own.reshape(-1).view(np.uint8)[: count * array.itemsize].view(array.dtype)
    start = own
    for axis, step in enumerate(own.strides):  # the element at the lowest address comes first
        if step < 0:
            start = np.flip(start, axis)
    return np.lib.stride_tricks.as_strided(start, (count,), (array.itemsize,))


class UntypedStorage:
    """A piece of memory, as bytes.

    >>> import chainrule as torch
    >>> s = torch.ones(2).untyped_storage()
    >>> len(s), s.tolist()
    (8, [0, 0, 128, 63, 0, 0, 128, 63])
    """

    def __init__(self, source: Any = 0, *, device: Any = None) -> None:
        check_device(device)
        data = np.zeros(source, np.uint8) if isinstance(source, int) else np.array(source, np.uint8)
        self._array: Array = data

    @classmethod
    def over(cls, array: Array) -> Any:
        """The storage behind an array."""
        self = cls.__new__(cls)
        self._array = memory(array)
        return self

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.uint8

    @property
    def device(self) -> dtypes.device:
        return dtypes.device("cpu")

    @property
    def is_cuda(self) -> bool:
        return False

    @property
    def _bytes(self) -> Array:
        return self._array.view(np.uint8)

    def nbytes(self) -> int:
        """Bytes of memory."""
        return self._array.nbytes  # type: ignore[no-any-return]

    def element_size(self) -> int:
        """Bytes per element."""
        return self._numbers.itemsize  # type: ignore[no-any-return]

    @property
    def _numbers(self) -> Array:
        return self._bytes

    def size(self) -> int:
        """The number of elements."""
        return len(self._numbers)

    __len__ = size

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return self._array.__array_interface__["data"][0]  # type: ignore[no-any-return]

    def tolist(self) -> list[Any]:
        """The elements."""
        return from_array(self._numbers).tolist()  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self).over(self._numbers[index].copy())
        return from_array(np.asarray(self._numbers[index])).item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self._numbers[index] = value._numbers if isinstance(value, UntypedStorage) else value
        note_write(self._array, None)

    def fill_(self, value: Any) -> Any:
        """Set every element."""
        self[:] = value
        return self

    def copy_(self, source: Any, non_blocking: bool = False) -> Any:
        """Take the elements of another storage of this size."""
        self[:] = source
        return self

    def resize_(self, size: int) -> Any:
        """Change the number of elements.  Tensors over the memory so far keep that."""
        old = self._numbers
        new = np.zeros(size, old.dtype)
        n = min(size, len(old))
        new[:n] = old[:n]
        self._array = new
        return self

    def clone(self) -> Any:
        """A copy."""
        return type(self).over(self._numbers.copy())

    def cpu(self) -> Any:
        """This storage: it is on the CPU."""
        return self

    def is_shared(self) -> bool:
        """Whether other processes can see this memory."""
        return map_of(self._array) is not None

    def is_pinned(self, device: Any = None) -> bool:
        """False: there is no page-locked memory without a GPU."""
        return False

    def share_memory_(self) -> Any:
        """This storage.  It is a tensor's `share_memory_` that moves memory."""
        return self

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage.over(self._array)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and owner(self._array) is owner(other._array)

    def __hash__(self) -> int:
        return id(owner(self._array))

    def __repr__(self) -> str:
        rows = "".join(f" {v}\n" for v in self.tolist())
        return f"{rows}[torch.storage.UntypedStorage(device=cpu) of size {len(self)}]"


class TypedStorage(UntypedStorage):
    """A piece of memory, as numbers of one dtype.

    >>> import chainrule as torch
    >>> s = torch.arange(3.).storage()
    >>> s[1] = 5
    >>> s.tolist(), s.dtype
    ([0.0, 5.0, 2.0], torch.float32)
    """

    kind: dtypes.dtype | None = None  # of torch.FloatStorage and its kin

    def __init__(
        self, source: Any = 0, *, wrap_storage: Any = None, dtype: Any = None, device: Any = None
    ) -> None:
        check_device(device)
        chosen = self.kind or dtype or EXPORTS["get_default_dtype"]()
        number = dtypes.numpy_dtype(chosen)
        if wrap_storage is not None:
            self._array = wrap_storage._bytes.view(number)
        elif isinstance(source, int):
            self._array = np.zeros(source, number)
        else:
            self._array = np.array(source.tolist() if hasattr(source, "tolist") else source, number)

    @property
    def _numbers(self) -> Array:
        return self._array

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of(self._array.dtype)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.array(self._array, dtype)

    def type(self) -> str:
        """The name of the class for storages of this dtype."""
        name = pickle_name(self)
        return f"torch.{name if name in CLASSES else f'storage.{name}'}"

    def pickle_storage_type(self) -> str:
        """What files call a storage of this dtype."""
        return pickle_name(self)

    def __repr__(self) -> str:
        rows = "".join(f" {v}\n" for v in self.tolist())
        return (f"{rows}[torch.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size "
                f"{len(self)}]")  # fmt: skip


def pickle_name(storage: TypedStorage) -> str:
    kinds = (name for name, cls in CLASSES.items() if cls.kind is storage.dtype)
    return next(kinds, "TypedStorage")


class Legacy(type):
    """The class of torch.FloatStorage and its kin: a storage is one by its dtype."""

    kind: Any

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, TypedStorage) and value.dtype is cls.kind

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.__name__}'>"


NAMES = {
    "Float": dtypes.float32, "Double": dtypes.float64, "Half": dtypes.float16,
    "BFloat16": dtypes.bfloat16, "Long": dtypes.int64, "Int": dtypes.int32, "Short": dtypes.int16,
    "Char": dtypes.int8, "Byte": dtypes.uint8, "Bool": dtypes.bool,
    "ComplexFloat": dtypes.complex64, "ComplexDouble": dtypes.complex128,
}  # fmt: skip
CLASSES: dict[str, Any] = {
    f"{name}Storage": Legacy(f"{name}Storage", (TypedStorage,),
                             {"kind": kind, "__doc__": f"A storage of {kind}."})
    for name, kind in NAMES.items()
}  # fmt: skip


def untyped_storage(self: Tensor) -> UntypedStorage:
    """The memory behind this tensor, as bytes.

    >>> import chainrule as torch
    >>> torch.zeros(2, 3)[1:].untyped_storage().nbytes()
    24
    """
    return UntypedStorage.over(self._array)  # type: ignore[no-any-return]


def storage(self: Tensor) -> TypedStorage:
    """The memory behind this tensor, as numbers of its dtype.

    >>> import chainrule as torch
    >>> torch.arange(4.)[2:].storage().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    return TypedStorage.over(self._array)  # type: ignore[no-any-return]


def storage_type(self: Tensor) -> Any:
    """The class of storages of this dtype.

    >>> import chainrule as torch
    >>> torch.ones(1).storage_type()
    <class 'torch.FloatStorage'>
    """
    return CLASSES.get(pickle_name(storage(self)), TypedStorage)


def is_storage(obj: Any) -> bool:
    """Whether `obj` is a storage.

    >>> import chainrule as torch
    >>> torch.is_storage(torch.ones(1).untyped_storage()), torch.is_storage(torch.ones(1))
    (True, False)
    """
    return isinstance(obj, UntypedStorage)


def from_file(
    filename: str, shared: bool | None = None, size: int = 0, *, dtype: Any = None,
    layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """A tensor over a file's bytes, read as they are needed.

    With `shared`, writes go to the file, which is made or lengthened where necessary; otherwise
    they stay in memory.

    Errors: a file that holds fewer than `size` elements, unless `shared`.

    >>> import chainrule as torch, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers")
    >>> torch.from_file(path, True, 3, dtype=torch.int32).copy_(torch.arange(3))
    tensor([0, 1, 2], dtype=torch.int32)
    >>> torch.from_file(path, False, 3, dtype=torch.int32)
    tensor([0, 1, 2], dtype=torch.int32)
    """
    check_device(device)
    number = dtypes.numpy_dtype(dtype or EXPORTS["get_default_dtype"]())
    needed = size * number.itemsize
    if shared and (not os.path.exists(filename) or os.path.getsize(filename) < needed):
        with open(filename, "ab") as file:
            file.truncate(needed)
    held = os.path.getsize(filename)
    if held < needed:
        raise ArgumentError(f"unable to mmap {needed} bytes from file <{filename}>"
                            f" of {held}",
                            fix="Give a smaller size, or shared=True.")  # fmt: skip
    if needed == 0:
        return from_array(np.zeros(0, number))  # type: ignore[no-any-return]
    raw = np.memmap(filename, np.uint8, "r+" if shared else "c", shape=(needed,))
    out: Tensor = from_array(np.asarray(raw).view(number))
    return out.requires_grad_() if requires_grad else out


for _method in (untyped_storage, storage, storage_type):
    setattr(Tensor, _method.__name__, _method)
for _class in (UntypedStorage, TypedStorage):
    _class.__module__ = "torch.storage"
EXPORTS.update(CLASSES, UntypedStorage=UntypedStorage, TypedStorage=TypedStorage,
               Storage=CLASSES["FloatStorage"], from_file=from_file,
               is_storage=is_storage)  # fmt: skip
