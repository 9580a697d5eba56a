"""The format before zip files: five pickles in a row, and then the memory of the tensors.

magic number · protocol version · facts about the machine · the object · the storages' keys
and, for each key in turn, 8 bytes of element count and the elements
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from typing import Any

import numpy as np

from chainrule import dtypes
from chainrule.errors import FileFormatError
from chainrule.serialization.names import Name
from chainrule.serialization.pickler import UNTYPED, Pickler
from chainrule.serialization.unpickler import Memory, Refused, Unpickler

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


def write(obj: Any, file: Any, protocol: int) -> None:
    """Write the five pickles and the memory."""
    facts = {"protocol_version": PROTOCOL, "little_endian": True,
             "type_sizes": {"short": 2, "int": 4, "long": 4}}  # fmt: skip
    for part in (MAGIC, PROTOCOL, facts):
        pickle.dump(part, file, protocol)
    pickler = LegacyPickler(file, protocol)
    pickler.dump(obj)
    memories = sorted(pickler.memories.values(), key=lambda m: m.key)
    pickle.dump([m.key for m in memories], file, protocol)
    file.flush()
    for memory in memories:
        file.write(struct.pack("<q", memory.reference[-1]))
        file.write(memoryview(memory.flat.reshape(-1).view(np.uint8)))


class LegacyPickler(Pickler):
    """The reference of this format has a place for a view of a storage, always None."""

    def persistent_id(self, obj: Any) -> Any:
        reference = super().persistent_id(obj)
        if reference is None:
            return None
        kind = BYTES if reference[1] is UNTYPED else reference[1]
        return (reference[0], kind, *reference[2:], None)


BYTES = Name("torch", "ByteStorage")


def read(file: Any, path: str, objects: bool, encoding: str, place: Any) -> Any:
    """The object; `place` decides where a storage goes (`map_location`)."""
    start = file.tell()
    file.seek(0, os.SEEK_END)
    end = file.tell()
    file.seek(start)

    def none(pid: Any) -> Any:
        raise Refused("an object from outside the file")

    def part(memory: Any = none) -> Any:
        return Unpickler(file, memory, objects, encoding).load()

    if part() != MAGIC:
        raise FileFormatError("Invalid magic number; corrupt file?", [("file", path)],
                              fix="This is no file of torch.save.")  # fmt: skip
    version, facts = part(), part()
    if version != PROTOCOL or not isinstance(facts, dict):
        raise FileFormatError(f"Invalid protocol version: {version!r:.40}", [("file", path)])
    order = "<" if facts.get("little_endian", True) else ">"
    memories: dict[str, Any] = {}
    room = end - start

    def memory(pid: Any) -> Any:
        if type(pid) is not tuple or not pid:
            raise Refused(f"a reference {pid!r:.60}")
        if pid[0] == "module" and len(pid) >= 2:
            return pid[1]
        dtype, key, location, count, view = described(pid, 6)
        whole = memories.get(key)
        if whole is None:
            if count * dtype.itemsize > room:
                raise Refused(f"memory of {count} elements, more than the file of {room} bytes has")
            flat = np.zeros(count, dtype.dtype)
            whole = memories[key] = Memory(dtype, flat), location
        if whole[0].dtype is not dtype or whole[0].flat.size != count:
            raise Refused(f"two kinds of memory under the key {key!r:.40}")
        if view is None:
            return whole[0]
        offset, size = view[1:3] if type(view) is tuple and len(view) == 3 else (None, None)
        if type(offset) is not int or type(size) is not int or min(offset, size) < 0 \
                or offset + size > count:  # fmt: skip
            raise Refused(f"a part of memory {view!r:.60}")
        return Memory(dtype, whole[0].flat[offset : offset + size])

    beginning = file.tell()
    part(memory)  # which memory there is
    keys = part()
    if type(keys) is not list or sorted(keys, key=str) != sorted(memories, key=str):
        raise FileFormatError(f"{path} is corrupt: its storages are not those it refers to")
    for key in keys:
        held, location = memories[key]
        raw = file.read(8)
        count = struct.unpack(order + "q", raw)[0] if len(raw) == 8 else -1
        if count != held.flat.size:
            raise FileFormatError(f"{path} is corrupt or cut short: storage {key!r:.40} has "
                                  f"{count} elements instead of {held.flat.size}")  # fmt: skip
        data = file.read(held.flat.nbytes)
        if len(data) != held.flat.nbytes:
            raise FileFormatError(f"{path} is cut short within storage {key!r:.40}",
                                  fix="Fetch or save it again.")  # fmt: skip
        flat = np.frombuffer(data, held.flat.dtype)
        held.flat[...] = flat if (order == "<") == (sys.byteorder == "little") else flat.byteswap()
        place(held, location)
    file.seek(beginning)
    return part(memory)  # again, now that the memory is filled


def described(pid: Any, length: int) -> tuple[Any, str, Any, int, Any]:
    """(dtype, key, location, elements, view) of a storage's reference, checked."""
    if type(pid) is not tuple or len(pid) < 5 or pid[0] != "storage":
        raise Refused(f"a reference {pid!r:.60}")
    kind, key, location, count = pid[1:5]
    if type(kind) is not tuple or len(kind) != 2 or not isinstance(kind[1], dtypes.dtype):
        raise Refused(f"memory of the kind {kind!r:.60}")
    if type(key) is not str and type(key) is not int:
        raise Refused(f"a key {key!r:.60}")
    if type(count) is not int or count < 0:
        raise Refused(f"memory of {count!r:.60} elements")
    view = pid[5] if length > 5 and len(pid) > 5 else None
    return kind[1], str(key), location, count, view
