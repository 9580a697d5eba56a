"""`torch.save` and `torch.load`: the files of PyTorch, both ways, without running a pickle."""

from __future__ import annotations

import contextlib
import io
import mmap as maps
import os
import sys
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.errors import ArgumentError, ChainruleError, DeviceError, FileFormatError
from chainrule.serialization import legacy
from chainrule.serialization.archive import Reader, Writer
from chainrule.serialization.files import replaced
from chainrule.serialization.pickler import pickled
from chainrule.serialization.unpickler import SAFE, Memory, Refused, RefusedError, Unpickler

DEFAULT_PROTOCOL = 2


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = None,
    pickle_protocol: int = DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write an object, tensors included, into a file that torch reads as well.

    Args:
        obj: tensors, state_dicts, modules, and containers of these.
        f: a path, which is replaced as a whole or not at all, or a file object open for writing.
        pickle_protocol: 2 to 5.

    Tensors that share memory share it in the file.  Gradients and graphs are not saved.

    >>> import chainrule as torch, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "model.pt")
    >>> torch.save({"weight": torch.ones(2), "epoch": 3}, path)
    >>> torch.load(path)
    {'weight': tensor([1., 1.]), 'epoch': 3}
    """
    if isinstance(f, (str, os.PathLike)):
        name = os.path.splitext(os.path.basename(os.fspath(f)))[0] or "archive"
        with replaced(f) as file:
            write(obj, file, name, pickle_protocol, _use_new_zipfile_serialization)
    elif hasattr(f, "write"):
        write(obj, f, "archive", pickle_protocol, _use_new_zipfile_serialization)
    else:
        raise AttributeError(
            f"expected 'f' to be string, path, or a file-like object with a 'write' attribute, "
            f"not {type(f).__name__}"
        )


def write(obj: Any, file: Any, name: str, protocol: int, zipped: bool) -> None:
    if not zipped:
        legacy.write(obj, file, protocol)
        return
    data, memories = pickled(obj, protocol)
    writer = Writer(file, name)
    writer.write("data.pkl", data)
    writer.write(".format_version", b"1")
    writer.write(".storage_alignment", b"64")
    for memory in memories:
        writer.write(f"data/{memory.key}", memory.flat.view(np.uint8))
    writer.close()


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read a file that `torch.save` wrote, here or in PyTorch, of today or of years ago.

    No code in the file is run, whatever `weights_only` says.  Tensors, numbers, text, containers
    and NumPy arrays are read; with `weights_only=False` also modules, optimisers, schedulers
    whose classes this package defines or the program has imported, and objects of the program's
    own classes that are only attributes.  For other classes that you trust see
    `torch.serialization.add_safe_globals`.

    Args:
        f: a path or a file object that can seek.
        map_location: a device, a dict of devices, or a function; memory is on the CPU anyway.
        weights_only: True unless said otherwise.
        mmap: map the file instead of reading it; writes do not reach the file.
        encoding: for text written by Python 2.

    Errors: FileNotFoundError; FileFormatError for a damaged file; `pickle.UnpicklingError` that
    names the class for one that asks for more than data.
    """
    encoding = pickle_load_args.pop("encoding", "utf-8")
    if pickle_load_args:
        raise TypeError(f"load() got an unexpected keyword argument "
                        f"{next(iter(pickle_load_args))!r}")  # fmt: skip
    objects = weights_only is False
    place = placement(map_location)
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return read(file, os.fspath(f), objects, encoding, place, bool(mmap))
    if not hasattr(f, "read") or not hasattr(f, "seek"):
        raise AttributeError(
            f"{type(f).__name__!r} object has no attribute 'seek'. You can only torch.load from a "
            "file that is seekable. Please pre-load the data into a buffer like io.BytesIO and try "
            "to load from it instead."
        )
    if mmap:
        raise ArgumentError("f must be a file path in order to use the mmap argument",
                            fix="Pass the path.")  # fmt: skip
    return read(f, getattr(f, "name", None) or "the data", objects, encoding, place, False)


def read(file: Any, path: Any, objects: bool, encoding: str, place: Any, mapped: bool) -> Any:
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    if not head:
        raise EOFError(f"Ran out of input: {path} is empty")
    try:
        if head[:2] == b"PK":
            return read_archive(file, path, objects, encoding, place, mapped)
        if mapped:
            raise ArgumentError("mmap can only be used with files saved with "
                                "`torch.save(_use_new_zipfile_serialization=True)`")  # fmt: skip
        return legacy.read(file, path, objects, encoding, place)
    except Refused as error:
        raise RefusedError(
            f"Weights only load failed. {path}: refused, because the file asks for {error}, which "
            "is not tensors and plain containers",
            fix="If you trust the class, allow it: "
            "torch.serialization.add_safe_globals([TheClass])."
            if objects
            else "Pass weights_only=False to also read modules and optimisers of known classes "
            "(no code runs), or allow a class you trust: "
            "torch.serialization.add_safe_globals([TheClass]).",
        ) from None
    except (ChainruleError, MemoryError, KeyboardInterrupt):
        raise
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read: {error.strerror}") from error
    except Exception as error:  # a damaged pickle can fail in any way at all
        kind = RefusedError if head[:2] != b"PK" else FileFormatError
        raise kind(
            f"{path}: this is no file of torch.save, or a damaged one "
            f"({type(error).__name__}: {error})",
            fix="Fetch or save it again.",
        ) from None


def read_archive(
    file: Any, path: Any, objects: bool, encoding: str, place: Any, mapped: bool
) -> Any:
    reader = Reader(file, str(path))
    if "constants.pkl" in reader:
        raise FileFormatError(f"{path} is a TorchScript archive", fix="It holds code: load it with "
                              "torch.jit.load in PyTorch and save its state_dict.")  # fmt: skip
    order = reader.read("byteorder") if "byteorder" in reader else b"little"
    swap = order.strip() != sys.byteorder.encode()
    whole = maps.mmap(file.fileno(), 0, access=maps.ACCESS_COPY) if mapped else None
    memories: dict[str, Memory] = {}

    def memory(pid: Any) -> Any:
        dtype, key, location, count, _ = legacy.described(pid, 5)
        found = memories.get(key)
        if found is None:
            found = memories[key] = Memory(dtype, take(key, dtype, count))
            place(found, location)
        if found.flat.dtype != dtype.dtype:
            return Memory(dtype, found.flat.view(np.uint8).view(dtype.dtype))
        return found

    def take(key: str, dtype: Any, count: int) -> Any:
        at, size = reader.find(f"data/{key}")
        if count * dtype.itemsize != size:
            raise FileFormatError(
                f"{path} is corrupt: memory {key!r:.40} of {count} elements of {dtype} has {size} "
                "bytes"
            )
        if whole is not None and count:
            flat = np.frombuffer(whole, dtype.dtype, count, at)
        else:
            flat: Any = np.empty(count, dtype.dtype)
            file.seek(at)
            if size and file.readinto(memoryview(flat.view(np.uint8))) != size:
                raise FileFormatError(f"{path} ended within memory {key!r:.40}")
        return flat.byteswap() if swap else flat

    data = io.BytesIO(reader.read("data.pkl"))
    return Unpickler(data, memory, objects, encoding).load()


def placement(map_location: Any) -> Any:
    """What is done with each piece of memory and the device it was saved from."""
    if map_location is None:
        return lambda memory, location: None
    if isinstance(map_location, (str, dtypes.device)):
        check_device(map_location)
        return lambda memory, location: None
    if isinstance(map_location, dict):
        return lambda memory, location: check_device(map_location.get(location, "cpu"))
    if not callable(map_location):
        raise ArgumentError(f"map_location is a device, a dict or a function, not "
                            f"{type(map_location).__name__}")  # fmt: skip
    return map_location


def check_device(device: Any) -> None:
    kind = dtypes.device(device).type
    if kind not in ("cpu", "meta"):
        raise DeviceError(
            f"Attempting to deserialize object on a {kind.upper()} device but "
            f"torch.{kind}.is_available() is False. If you are running on a CPU-only machine, "
            "please use torch.load with map_location=torch.device('cpu') to map your storages to "
            "the CPU."
        )


# ---- classes that the user trusts --------------------------------------------------------------


def keys(safe_globals: Any) -> dict[tuple[str, str], Any]:
    found = {}
    for entry in safe_globals:
        if isinstance(entry, tuple):
            kind, name = entry
            module, _, name = str(name).rpartition(".")
        else:
            kind, module, name = entry, entry.__module__, entry.__qualname__
        found[module, name] = kind
        if module == "builtins":
            found["__builtin__", name] = kind
    return found


def add_safe_globals(safe_globals: Any) -> None:
    """Let `torch.load` use these classes and functions: whatever they do, a file may then ask for.

    >>> import chainrule as torch, fractions, io
    >>> torch.serialization.add_safe_globals([fractions.Fraction])
    >>> torch.serialization.get_safe_globals()
    [<class 'fractions.Fraction'>]
    >>> torch.serialization.clear_safe_globals()
    """
    SAFE.update(keys(safe_globals))


def get_safe_globals() -> list[Any]:
    """What has been allowed."""
    return list(dict.fromkeys(SAFE.values()))


def clear_safe_globals() -> None:
    """Allow only tensors and containers again."""
    SAFE.clear()


class safe_globals:
    """A block in which `load` allows some classes too."""

    def __init__(self, safe_globals: Any) -> None:
        self.entries = safe_globals
        self.before: dict[Any, Any] = {}

    def __enter__(self) -> None:
        self.before = dict(SAFE)
        add_safe_globals(self.entries)

    def __exit__(self, *exc: Any) -> None:
        SAFE.clear()
        SAFE.update(self.before)


def get_unsafe_globals_in_checkpoint(f: Any) -> list[str]:
    """The names in a file that `torch.load` would refuse."""
    import pickletools

    refused = []
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(f, "rb")) if isinstance(f, (str, os.PathLike)) else f
        data = Reader(file, str(f)).read("data.pkl")
    probe = Unpickler(io.BytesIO(), None, False)
    texts: list[str] = []
    for op, arg, _ in pickletools.genops(data):
        if "UNICODE" in op.name:
            texts.append(str(arg))
        if op.name in ("GLOBAL", "STACK_GLOBAL"):
            module, name = str(arg).split(" ", 1) if op.name == "GLOBAL" else texts[-2:]
            try:
                probe.find_class(module, name)
            except Refused as error:
                refused.append(str(error))
    return list(dict.fromkeys(refused))
