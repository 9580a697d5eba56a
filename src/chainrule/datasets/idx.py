"""Files in IDX, the format of MNIST: a magic number, the shape, the values; maybe gzipped.

Source: http://yann.lecun.com/exdb/mnist/ ("The IDX file format"); all numbers are big-endian.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from typing import Any

import numpy as np

from chainrule.errors import FileFormatError

DTYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_DEFLATED = 1032  # bytes that one byte of a deflate stream can stand for


def read_idx(path: str | os.PathLike[str]) -> Any:
    """The array in an IDX file, in the machine's byte order.

    Errors: FileFormatError for anything that is no whole IDX file; no more memory is taken than
    its header says and its length allows.
    """
    try:
        length = os.path.getsize(path)
        with open(path, "rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not zipped:
                return parse(file, path, length, length)
            with gzip.GzipFile(fileobj=file) as content:
                return parse(content, path, None, length * MOST_DEFLATED)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise broken(path, f"the gzip stream is damaged or cut off ({error})") from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read: {error.strerror}") from error


def parse(file: Any, path: Any, length: int | None, limit: int) -> Any:
    """The array in an open file of `length` bytes; unknown for a stream of at most `limit`."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES or not magic[3]:
        raise broken(path, f"this is no IDX file, it starts with {magic!r}")
    dims = magic[3]
    sizes = file.read(4 * dims)
    if len(sizes) < 4 * dims:
        raise broken(path, "the file ends within its header")
    shape = struct.unpack(f">{dims}I", sizes)
    dtype = np.dtype(DTYPES[magic[2]])
    head, body = 4 + 4 * dims, math.prod(shape) * dtype.itemsize
    if head + body > limit or (length is not None and head + body != length):
        known = f"the file has {length}" if length is not None else f"it can hold {limit} at most"
        raise broken(path, f"the shape {shape} needs {head + body} bytes, {known}")
    data = file.read(body)
    if len(data) < body:
        raise broken(path, f"{body} bytes of values were announced, {len(data)} are there")
    if file.read(1):
        raise broken(path, f"there are more values than the shape {shape} says")
    array = np.frombuffer(bytearray(data), dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def broken(path: Any, why: str) -> FileFormatError:
    return FileFormatError(f"{path}: {why}", fix="Remove the file and download it again.")
