"""Tensors in safetensors files: `save_file`, `load_file`, with atomic writes and checked reads.

Before anything is allocated, the header is read and every tensor's size is held against the size
of the file.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np

from chainrule import dtypes
from chainrule.errors import ArgumentError, FileFormatError
from chainrule.serialization.files import replaced
from chainrule.tensor import Tensor, from_array

HEADER_LIMIT = 100_000_000  # bytes; the format's own limit
NAMES = {
    "BOOL": np.bool_, "U8": np.uint8, "I8": np.int8, "I16": np.int16, "U16": np.uint16,
    "I32": np.int32, "U32": np.uint32, "I64": np.int64, "U64": np.uint64, "F16": np.float16,
    "BF16": ml_dtypes.bfloat16, "F32": np.float32, "F64": np.float64, "C64": np.complex64,
}  # fmt: skip
DTYPES = {name: np.dtype(kind) for name, kind in NAMES.items()}


def save_file(
    tensors: Mapping[str, Tensor],
    filename: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write tensors by name into a safetensors file, replacing it as a whole or not at all.

    Errors: two names for one memory, and values that are no tensors, are refused.

    >>> import chainrule as torch, os, tempfile
    >>> from chainrule.serialization import load_file, save_file
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.safetensors")
    >>> save_file({"weight": torch.ones(2)}, path)
    >>> load_file(path)
    {'weight': tensor([1., 1.])}
    """
    data = save(tensors, metadata)
    with replaced(filename) as file:
        file.write(data)


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a safetensors file."""
    from safetensors.numpy import save as pack

    for key, value in (metadata or {}).items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ArgumentError(f"metadata is text by text, not {key!r}: {value!r}")
    arrays: dict[str, Any] = {}
    owners: dict[int, str] = {}
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise ArgumentError(
                f"Key `{name}` is invalid, expected a Tensor but received {type(tensor).__name__}",
                fix="Pass a dict of names and tensors, such as module.state_dict().",
            )
        array = tensor._array
        if array.dtype not in DTYPES.values():
            raise ArgumentError(f"safetensors files cannot hold {tensor.dtype}", [(name, tensor)],
                                fix="Save real and imaginary parts.")  # fmt: skip
        if array.size:
            address = array.__array_interface__["data"][0]
            if address in owners:
                raise ArgumentError(
                    "Some tensors share memory, this will lead to duplicate memory on disk and "
                    f"potential differences when loading them again: {owners[address]!r}, {name!r}",
                    fix="Save one of them, or a .clone().",
                )
            owners[address] = name
        arrays[name] = np.ascontiguousarray(array).reshape(array.shape)
    return pack(arrays, metadata=dict(metadata) if metadata else None)


def load_file(
    filename: str | os.PathLike[str], device: Any = "cpu", *, backend: Any = None
) -> dict[str, Tensor]:
    """Read all tensors of a safetensors file.

    Errors: FileFormatError for a file that is missing, cut short, or not what its header says.
    """
    path = os.fspath(filename)
    try:
        with open(path, "rb") as file:
            header, start = read_header(file, path)
            return {name: read_tensor(file, entry, start) for name, entry in header.items()}
    except FileNotFoundError:
        raise FileFormatError(f"No such file: {path}", fix="Check the path.") from None
    except IsADirectoryError:
        raise FileFormatError(f"{path} is a directory", fix="Name the file in it.") from None


def load_metadata(filename: str | os.PathLike[str]) -> dict[str, str]:
    """The metadata that `save_file` was given."""
    path = os.fspath(filename)
    try:
        with open(path, "rb") as file:
            return dict(read_json(file, path)[0].get("__metadata__", {}))
    except FileNotFoundError:
        raise FileFormatError(f"No such file: {path}", fix="Check the path.") from None


def load(data: bytes) -> dict[str, Tensor]:
    """Read all tensors from the bytes of a safetensors file."""
    import io

    file = io.BytesIO(data)
    header, start = read_header(file, "the data", len(data))
    return {name: read_tensor(file, entry, start) for name, entry in header.items()}


def read_json(file: Any, path: str, size: int | None = None) -> tuple[dict[str, Any], int, int]:
    """The header as parsed, where the data starts, and how many bytes of it there are."""
    total = os.fstat(file.fileno()).st_size if size is None else size
    start = file.read(8)
    if len(start) < 8:
        raise FileFormatError(f"{path} is no safetensors file: it has {total} bytes, its header "
                              "alone needs more")  # fmt: skip
    (length,) = struct.unpack("<Q", start)
    if length > min(HEADER_LIMIT, total - 8):
        raise FileFormatError(
            f"{path} is no safetensors file, or cut short: its header claims {length} bytes, the "
            f"file has {total}",
            fix="Fetch or save it again.",
        )
    try:
        header = json.loads(file.read(length).decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FileFormatError(f"{path} is corrupt: its header is no JSON ({error})") from None
    if not isinstance(header, dict):
        raise FileFormatError(f"{path} is corrupt: its header is no JSON object")
    return header, 8 + length, total - 8 - length


def read_header(
    file: Any, path: str, size: int | None = None
) -> tuple[dict[str, tuple[Any, tuple[int, ...], int]], int]:
    """(dtype, shape, offset) of each tensor, all checked, and where the data starts."""
    header, start, room = read_json(file, path, size)
    header.pop("__metadata__", None)
    found: dict[str, tuple[Any, tuple[int, ...], int]] = {}
    spans = []
    for name, entry in header.items():
        try:
            dtype = DTYPES[entry["dtype"]]
            shape = tuple(entry["shape"])
            begin, end = entry["data_offsets"]
            counts = (*shape, begin, end)
            if not all(type(n) is int and n >= 0 for n in counts):
                raise ValueError("sizes and offsets are non-negative integers")
        except (KeyError, TypeError, ValueError) as error:
            raise FileFormatError(f"{path} is corrupt: tensor {name!r}: {error!r}") from None
        need = dtype.itemsize
        for n in shape:
            need *= n
        if end - begin != need or end > room:
            raise FileFormatError(
                f"{path} is corrupt or cut short: tensor {name!r} of shape {list(shape)} needs "
                f"{need} bytes, it has {end - begin} of {room} at {begin}",
                fix="Fetch or save it again.",
            )
        spans.append((begin, end, name))
        found[name] = dtype, shape, begin
    last = 0
    for begin, end, name in sorted(spans):
        if begin != last:
            raise FileFormatError(f"{path} is corrupt: tensor {name!r} overlaps another, or there "
                                  "is a gap before it")  # fmt: skip
        last = end
    if last != room:
        raise FileFormatError(f"{path} is corrupt: {room - last} bytes belong to no tensor")
    return found, start


def read_tensor(file: Any, entry: tuple[Any, tuple[int, ...], int], start: int) -> Tensor:
    """One tensor, read into memory of its own."""
    dtype, shape, offset = entry
    array = np.empty(shape, dtype)
    if array.size:
        file.seek(start + offset)
        got = file.readinto(memoryview(array.reshape(-1).view(np.uint8)))
        if got != array.nbytes:
            raise FileFormatError(f"the file ended within a tensor of {dtypes.of(dtype)}")
    return from_array(array)  # type: ignore[no-any-return]
