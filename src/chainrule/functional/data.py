"""Tensors from data: Python numbers and nested lists, NumPy arrays, buffers, DLPack."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule import dtypes, spec
from chainrule.autograd.record import apply
from chainrule.errors import ArgumentError, DtypeError, ShapeError
from chainrule.functional.border import EXPORTS
from chainrule.functional.creation import in_range, to_fit
from chainrule.functional.options import check_device, made
from chainrule.ops.shape import AsType, Copy
from chainrule.tensor import Tensor, from_array

Array = Any

COPY_ADVICE = (
    "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
    "sourceTensor.detach().clone().requires_grad_(True), rather than {}(sourceTensor)."
)
READ_ONLY = (
    "The given NumPy array is not writable, and tensors have no such mark: writing to this tensor "
    "is refused or has undefined results. Copy the array first if you mean to write to it."
)
NUMBERS = (bool, int, float, complex)
KINDS = {bool: 0, int: 1, float: 2, complex: 3}


def array_from(data: Any, dtype: Any) -> Array:
    """A fresh array holding `data`; `dtype` is NumPy's, or None to infer it as torch does.

    Errors: lists must be rectangular, and hold numbers that fit the dtype.
    """
    kind = type(data)
    if isinstance(data, np.ndarray):
        return adopted(data, dtype)
    if kind in KINDS or isinstance(data, (np.generic, bool, int, float, complex)):
        return scalar_array(data, dtype)
    if isinstance(data, str):
        raise ArgumentError("new(): invalid data type 'str'", [("data", data)])
    if kind is not list and kind is not tuple and hasattr(data, "__array__"):
        return adopted(np.asarray(data), dtype)  # a storage is a sequence too
    if not is_sequence(data):
        raise ArgumentError(f"Could not infer dtype of {kind.__name__}", [("data", data)])
    return nested(data, dtype)


def adopted(array: Array, dtype: Any) -> Array:
    """A copy of a NumPy array in native byte order."""
    if array.dtype not in dtypes._OF:
        raise DtypeError(
            f"can't convert np.ndarray of type {array.dtype.type.__module__}."
            f"{array.dtype.type.__name__}. The only supported types are: "
            f"{', '.join(d.name for d in dtypes.ALL)}.",
            fix="Convert the array with .astype() first; strings need an encoding.",
        )
    wanted = array.dtype.newbyteorder("=") if dtype is None else dtype
    return raw_cast(array, wanted, copy=True)


def raw_cast(array: Array, dtype: Any, copy: bool = False) -> Array:
    """`array` in another dtype by the rules of `Tensor.to`."""
    if array.dtype == dtype:
        return np.array(array, dtype=dtype, order="K", subok=False) if copy else array
    return AsType.raw(array, dtype=dtype)


def scalar_array(value: Any, dtype: Any) -> Array:
    """A number as a 0-d array.  A NumPy scalar keeps its dtype."""
    if dtype is None:
        if isinstance(value, np.generic):
            dtypes.of(value.dtype)
            return np.array(value)
        dtype = spec.scalar_dtype(value)
        if dtype is spec.INT64:
            check_long(value)
    return np.array(to_fit(value, dtype), dtype)


def check_long(value: int) -> None:
    if not -(1 << 63) <= value < 1 << 63:
        raise ArgumentError("Overflow when unpacking long long: the integer needs more than 64 "
                            "bits", [("value", value)])  # fmt: skip


def is_sequence(value: Any) -> bool:
    """Whether torch walks into this value: lists, tuples, ranges, tensors with dimensions."""
    if isinstance(value, (list, tuple)):
        return True
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    if isinstance(value, (str, bytes, dict, set, np.generic)):
        return False
    return (
        hasattr(type(value), "__len__")
        and hasattr(type(value), "__getitem__")
        and (not isinstance(value, Tensor))
    )


def nested(data: Any, dtype: Any) -> Array:
    """An array from nested sequences."""
    shape = probe(data)
    leaves: list[Any] = [data]
    for depth in range(len(shape)):  # level by level: no recursion, and no numpy guessing
        leaves = flattened(leaves, shape, depth)
    inferred, pure = leaf_dtype(leaves) if leaves else (spec.Defaults.floating, False)
    wanted = inferred if dtype is None else dtype
    if pure and wanted.kind in "fcV":
        if inferred.kind == "b" or wanted.kind == "V":
            return np.array(leaves, np.float64).astype(wanted).reshape(shape)
        if inferred.kind == "c" and wanted.kind != "c":
            return np.array([v.real for v in leaves], wanted).reshape(shape)
        return np.array(leaves, np.complex128 if wanted.kind == "c" else np.float64).astype(
            wanted).reshape(shape)  # fmt: skip
    if pure and inferred.kind == "b" and wanted.kind in "biu":
        return np.array(leaves, np.bool_).astype(wanted).reshape(shape)
    if pure and wanted.kind == "i" and wanted.itemsize == 8 and inferred.kind == "i":
        try:
            return np.array(leaves, np.int64).reshape(shape)
        except OverflowError:
            for v in leaves:
                check_long(v)
    return np.array([to_fit(number_of(v), wanted) for v in leaves], wanted).reshape(shape)


def probe(data: Any) -> tuple[int, ...]:
    """The shape that the first elements of nested sequences promise."""
    shape = []
    while is_sequence(data):
        shape.append(len(data))
        if len(shape) > 64:
            raise ShapeError(f"too many dimensions '{type(data).__name__}'")
        if not len(data):
            break
        data = data[0]
        if isinstance(data, (str, bytes)):
            raise ShapeError(f"too many dimensions '{type(data).__name__}'",
                             fix="Tensors hold numbers; encode strings first.")  # fmt: skip
    return tuple(shape)


def flattened(level: list[Any], shape: tuple[int, ...], depth: int) -> list[Any]:
    """The members of all sequences at this depth, which must be equally long."""
    size, out = shape[depth], []
    for i, item in enumerate(level):
        if not is_sequence(item):
            raise ArgumentError(
                f"not a sequence: {place(i, shape, depth)} is {item!r}, its neighbours have "
                f"{size} members",
                fix="All lists at one depth must be equally long.",
            )
        if len(item) != size:
            raise ShapeError(
                f"expected sequence of length {size} at dim {depth} (got {len(item)}): "
                f"{place(i, shape, depth)} has another length than those before it",
                fix="All lists at one depth must be equally long; pad the shorter ones.",
            )
        out.extend(item)
    return out


def place(i: int, shape: tuple[int, ...], depth: int) -> str:
    """`data[1][0]` for the i-th sequence at a depth."""
    indices = np.unravel_index(i, shape[:depth]) if depth else ()
    return "data" + "".join(f"[{int(k)}]" for k in indices)


def leaf_dtype(leaves: list[Any]) -> tuple[Any, bool]:
    """The dtype of all leaves together, and whether all are plain Python numbers."""
    kinds = set(map(type, leaves))
    if kinds <= KINDS.keys():
        highest = max(kinds, key=KINDS.__getitem__)
        return spec.scalar_dtype(highest(0)), True
    dtype: Any = None
    seen = set()
    for v in leaves:
        if isinstance(v, Tensor):
            own = v._array.dtype
        elif isinstance(v, (np.generic, np.ndarray)):
            own = dtypes.of(v.dtype).dtype
        elif isinstance(v, NUMBERS):
            own = spec.scalar_dtype(v)
        elif is_sequence(v):
            raise ArgumentError(
                f"'{type(v).__name__}' object cannot be interpreted as a number: data is nested "
                "deeper there than at its beginning",
                [("data", v)],
                fix="All lists at one depth must be equally long.",
            )
        else:
            raise ArgumentError(f"Could not infer dtype of {type(v).__name__}", [("data", v)])
        if own not in seen:
            seen.add(own)
            dtype = own if dtype is None else spec.promote(dtype, own)
    return dtype, False


def number_of(v: Any) -> Any:
    """A leaf as a Python number."""
    if isinstance(v, Tensor):
        if v._array.size != 1:
            raise ArgumentError(
                "only one element tensors can be converted to Python scalars", [("element", v)],
                fix="Join tensors with torch.stack([...]) instead.",
            )  # fmt: skip
        v = v._array
    if isinstance(v, (np.generic, np.ndarray)):
        return v.item() if v.dtype.kind != "V" else float(v)
    return v


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
           pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor holding a copy of `data`: a number, nested lists, a NumPy array.

    Python floats become the default dtype, ints int64, bools bool; arrays keep theirs.

    Errors: ragged lists (says where), strings, numbers that do not fit `dtype`.

    >>> import chainrule as torch
    >>> torch.tensor([[1, 2], [3, 4.5]])
    tensor([[1.0000, 2.0000],
            [3.0000, 4.5000]])
    """
    wanted = None if dtype is None else dtypes.numpy_dtype(dtype)
    if isinstance(data, Tensor):
        warnings.warn(COPY_ADVICE.format("torch.tensor"), UserWarning, stacklevel=2)
        array = raw_cast(data._array, wanted or data._array.dtype, copy=True)
    else:
        array = array_from(data, wanted)
    if device is None and not pin_memory:
        out: Tensor = from_array(array)
        return out.requires_grad_() if requires_grad else out
    return made(array, "tensor", None, None, device, pin_memory, requires_grad)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, device: Any = None,
               requires_grad: bool = False, layout: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor holding a copy of `data`, with the dtype of this one unless another is given.

    >>> import chainrule as torch
    >>> torch.ones(1).new_tensor([1, 2])
    tensor([1., 2.])
    """
    wanted = self._array.dtype if dtype is None else dtypes.numpy_dtype(dtype)
    if isinstance(data, Tensor):
        warnings.warn(COPY_ADVICE.format("tensor.new_tensor"), UserWarning, stacklevel=2)
        wanted = data._array.dtype if dtype is None else wanted
        array = raw_cast(data._array, wanted, copy=True)
    else:
        array = array_from(data, wanted)
    return made(array, "new_tensor", None, layout, device, pin_memory, requires_grad)


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor over the memory of a NumPy array: writing into one writes into the other.

    >>> import numpy as np, chainrule as torch
    >>> torch.from_numpy(np.arange(3))
    tensor([0, 1, 2])
    """
    if not isinstance(ndarray, np.ndarray):
        raise ArgumentError(f"expected np.ndarray (got {type(ndarray).__name__})",
                            fix="Use torch.tensor or torch.as_tensor.")  # fmt: skip
    if not ndarray.dtype.isnative:
        raise ArgumentError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported.",
            fix="Convert it: array.astype(array.dtype.newbyteorder('=')).",
        )
    if ndarray.dtype not in dtypes._OF:
        adopted(ndarray, None)  # raises
    if not ndarray.flags.writeable:
        warnings.warn(READ_ONLY, UserWarning, stacklevel=2)
    return from_array(np.asarray(ndarray).view())  # type: ignore[no-any-return]


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, without copying where that is possible; gradients flow through.

    >>> import chainrule as torch
    >>> x = torch.ones(2)
    >>> torch.as_tensor(x) is x
    True
    """
    if device is not None:
        check_device(device)
    wanted = dtypes.numpy_dtype(dtype)
    if isinstance(data, Tensor):
        if wanted is None or wanted == data._array.dtype:
            return data
        return apply(AsType, data, dtype=wanted)  # type: ignore[no-any-return]
    if (
        isinstance(data, np.ndarray)
        and data.dtype.isnative
        and (wanted is None or wanted == data.dtype)
    ):
        return from_numpy(data)
    return from_array(array_from(data, wanted))  # type: ignore[no-any-return]


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: Any = None,
            requires_grad: Any = None) -> Tensor:  # fmt: skip
    """`obj` as a tensor: shared if possible, copied if `copy=True`, an error if `copy=False`
    cannot be kept.

    >>> import chainrule as torch
    >>> torch.asarray([1, 2])
    tensor([1, 2])
    """
    if device is not None:
        check_device(device)
    wanted = dtypes.numpy_dtype(dtype)
    shared = None
    if isinstance(obj, Tensor):
        shared = obj
    elif isinstance(obj, np.ndarray):
        shared = from_numpy(obj)
    elif hasattr(obj, "__dlpack__"):
        shared = from_dlpack(obj)
    elif isinstance(obj, (bytes, bytearray, memoryview)) and wanted is not None:
        shared = frombuffer(obj, dtype=dtypes.of(wanted))
    if shared is None:
        if copy is False:
            raise ArgumentError("can't alias arbitrary sequence into a tensor.",
                                fix="Leave copy= away.")  # fmt: skip
        out: Tensor = from_array(array_from(obj, wanted))
    else:
        out = shared
        if wanted is not None and wanted != shared._array.dtype:
            if copy is False:
                raise ArgumentError(f"can't alias tensor with dtype {shared.dtype} into dtype "
                                    f"{dtypes.of(wanted)}.")  # fmt: skip
            out = apply(AsType, shared, dtype=wanted)
        elif copy:
            out = apply(Copy, shared)
    if requires_grad is False and out._node is not None:
        out = from_array(out._array)
    return out.requires_grad_() if requires_grad else out


def scalar_tensor(s: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                  pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A 0-d tensor of the default dtype (unless another is given) holding the number `s`.

    >>> import chainrule as torch
    >>> torch.scalar_tensor(3)
    tensor(3.)
    """
    if not isinstance(s, (Tensor, bool, int, float, complex, np.generic)):
        raise ArgumentError(
            f"scalar_tensor(): argument 's' must be a number, not {type(s).__name__}"
        )
    wanted = dtypes.numpy_dtype(dtype)
    if wanted is None:
        wanted = spec.Defaults.floating
    array = scalar_array(in_range(number_of(s), wanted), wanted)
    return made(array, "scalar_tensor", None, layout, device, pin_memory, requires_grad)


def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0,
               requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A 1-d tensor over the memory of a Python buffer.

    Errors: the bytes after `offset` must hold `count` elements, or a whole number of them.

    >>> import chainrule as torch
    >>> torch.frombuffer(bytearray([1, 0, 2, 0]), dtype=torch.int16)
    tensor([1, 2], dtype=torch.int16)
    """
    wanted = dtypes.numpy_dtype(dtype)
    view = memoryview(buffer)
    size, item = view.nbytes, wanted.itemsize
    if size == 0 or count == 0:
        raise ShapeError(f"both buffer length ({size}) and count ({count}) must not be 0")
    if not 0 <= offset < size:
        raise ShapeError(f"offset ({offset} bytes) must be non-negative and no greater than "
                         f"buffer length ({size} bytes) minus 1")  # fmt: skip
    if count < 0 and (size - offset) % item:
        raise ShapeError(f"buffer length ({size - offset} bytes) after offset ({offset} bytes) "
                         f"must be a multiple of element size ({item})")  # fmt: skip
    if count > 0 and offset + count * item > size:
        raise ShapeError(f"requested buffer length ({count} * {item} bytes) after offset "
                         f"({offset} bytes) must not be greater than actual buffer length "
                         f"({size} bytes)")  # fmt: skip
    if view.readonly:
        warnings.warn(READ_ONLY.replace("NumPy array", "buffer"), UserWarning, stacklevel=2)
    array = np.frombuffer(buffer, wanted, count, offset)
    out: Tensor = from_array(array)
    return out.requires_grad_() if requires_grad else out


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: Any = None) -> Tensor:
    """A tensor over the memory of another library's array, through the DLPack protocol.

    >>> import numpy as np, chainrule as torch
    >>> torch.from_dlpack(np.arange(3.))
    tensor([0., 1., 2.], dtype=torch.float64)
    """
    if device is not None:
        check_device(device)
    if isinstance(ext_tensor, Tensor):
        array = ext_tensor.detach()._array
        return from_array(array.copy() if copy else array)  # type: ignore[no-any-return]
    if not hasattr(ext_tensor, "__dlpack__"):
        raise ArgumentError(f"{type(ext_tensor).__name__} has no __dlpack__ method",
                            fix="Give an array that implements the DLPack protocol.")  # fmt: skip
    if isinstance(ext_tensor, np.ndarray):  # NumPy refuses to export read-only arrays by itself
        array = np.asarray(ext_tensor)
    else:
        array = np.from_dlpack(ext_tensor)
        if not array.flags.writeable:
            array = array.copy() if copy is not False else array
    return from_array(array.copy() if copy else array.view())  # type: ignore[no-any-return]


def new(self: Tensor, *args: Any, size: Any = None, device: Any = None) -> Any:
    """torch's old constructor: sizes give uninitialised memory, a list gives its values."""
    if device is not None:
        check_device(device)
    if size is not None:
        args = tuple(size)
    dtype = self._array.dtype
    if len(args) == 1 and is_sequence(args[0]) and not isinstance(args[0], dtypes.Size):
        return from_array(array_from(args[0], dtype))
    if len(args) == 1 and isinstance(args[0], (Tensor, np.ndarray)):
        return from_array(array_from(np.asarray(args[0]), dtype))
    return EXPORTS["empty"](*(args or (0,)), dtype=dtype)


for _function in (tensor, from_numpy, as_tensor, asarray, scalar_tensor, frombuffer, from_dlpack):
    EXPORTS[_function.__name__] = _function
Tensor.new, Tensor.new_tensor = new, new_tensor  # type: ignore[attr-defined]
