"""The zip container of a `.pt` file: records that are stored as they are, each on a 64-byte mark.

    NAME/data.pkl           what was saved, with a reference where a tensor's memory stands
    NAME/data/0, 1, ...     the memory of the tensors
    NAME/byteorder          little or big
    NAME/version            3

Reading checks the directory against the file before any record is touched: a record that is
compressed, reaches beyond the file or overlaps another is refused, so what is read can never be
larger than the file.
"""

from __future__ import annotations

import os
import struct
import sys
import zipfile
import zlib
from typing import Any

from chainrule.errors import FileFormatError

ALIGNMENT = 64
LOCAL = 30  # bytes of a local header before the name
LARGE = 0xFFFFFFFF


class Writer:
    """Writes records into a file object, one after another."""

    def __init__(self, file: Any, name: str) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.name = name
        self.sum = 0

    def write(self, record: str, data: Any) -> None:
        """Add one record; `data` is bytes or the memory of an array."""
        view = memoryview(data)
        size = view.nbytes
        info = zipfile.ZipInfo(f"{self.name}/{record}")
        info.flag_bits |= 0x800
        name = info.filename.encode("utf-8")
        at = self.zip.fp.tell() + LOCAL + len(name) + 4  # type: ignore[union-attr]
        at += 20 if size > LARGE // 2 else 0  # the sizes of a large record stand in an extra field
        fill = -at % ALIGNMENT
        info.extra = b"FB" + struct.pack("<H", fill) + b"Z" * fill
        info.file_size = size
        with self.zip.open(info, "w", force_zip64=size > LARGE // 2) as out:
            out.write(view.cast("B") if size else b"")
        self.sum = zlib.crc32(name, self.sum)

    def close(self) -> None:
        self.write("byteorder", sys.byteorder.encode())
        self.write("version", b"3\n")
        self.write(".data/serialization_id", f"{self.sum:040d}".encode())
        self.zip.close()


class Reader:
    """The records of a container, each with its place in the file.

    Args:
        file: an open binary file that can seek; the container may fill the whole of it only.
        path: its name, for messages.
    """

    def __init__(self, file: Any, path: str) -> None:
        self.file, self.path = file, path
        file.seek(0, os.SEEK_END)
        self.size = file.tell()
        try:
            directory = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error,
                UnicodeDecodeError, OverflowError) as error:  # fmt: skip
            raise FileFormatError(
                f"PytorchStreamReader failed reading zip archive: {path} is damaged or cut short "
                f"({error})",
                fix="Fetch or save it again.",
            ) from None
        self.records: dict[str, tuple[int, int]] = {}
        ends = []
        for info in directory:
            if info.is_dir():
                continue
            _, _, record = info.filename.partition("/")
            place = self.place(info)
            ends.append((*place, info.filename))
            if record in self.records:
                raise self.damaged(f"it holds {info.filename!r} twice")
            self.records[record] = place[1], info.file_size
        last = 0
        for begin, start, name in sorted(ends):
            if begin < last:
                raise self.damaged(f"{name!r} overlaps another record")
            last = start + self.records[name.partition("/")[2]][1]

    def damaged(self, what: str) -> FileFormatError:
        return FileFormatError(f"PytorchStreamReader failed reading zip archive: {self.path}: "
                               f"{what}", fix="Fetch or save it again.")  # fmt: skip

    def place(self, info: Any) -> tuple[int, int]:
        """Where the record's header and where its data begins."""
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise self.damaged(f"{info.filename!r} is compressed, which saved tensors never are")
        if info.flag_bits & 1:
            raise self.damaged(f"{info.filename!r} is encrypted")
        self.file.seek(info.header_offset)
        head = self.file.read(LOCAL)
        if len(head) < LOCAL or head[:4] != b"PK\x03\x04":
            raise self.damaged(f"there is no record where {info.filename!r} should be")
        name, extra = struct.unpack("<HH", head[26:30])
        start = info.header_offset + LOCAL + name + extra
        if start + info.file_size > self.size:
            raise self.damaged(f"{info.filename!r} of {info.file_size} bytes reaches beyond the "
                               f"end of the file of {self.size}")  # fmt: skip
        return info.header_offset, start

    def __contains__(self, record: str) -> bool:
        return record in self.records

    def find(self, record: str) -> tuple[int, int]:
        """(offset in the file, size) of a record."""
        try:
            return self.records[record]
        except KeyError:
            raise self.damaged(f"it has no record {record!r}") from None

    def read(self, record: str) -> bytes:
        start, size = self.find(record)
        self.file.seek(start)
        return self.file.read(size)  # type: ignore[no-any-return]
