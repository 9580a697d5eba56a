"""Reading the data in a pickle without running what it says.

A pickle is a program: it may name any function and call it.  Here it may name only the few things
that NumPy arrays and byte strings are pickled with, and each name stands for a class of this file
that does its work; so no code is reached from the pickle, NumPy's included.
"""

from __future__ import annotations

import math
import os
import pickle
from typing import Any

import numpy as np

from chainrule.errors import FileFormatError

DTYPES = {"u1", "i1", "b1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"}


class Refused(Exception):
    """The pickle asks for something that plain data does not need."""


class PickledDtype:
    """Stands for numpy.dtype: a number's code and byte order."""

    def __init__(self, code: Any, *_: Any) -> None:
        if code not in DTYPES:
            raise Refused(f"an array of dtype {code!r}")
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", ">", "=", "|"):
            raise Refused(f"a dtype with the state {state!r:.60}")
        self.order = state[1]

    @property
    def dtype(self) -> Any:
        return np.dtype(self.code).newbyteorder(self.order)


class PickledArray:
    """Stands for numpy.ndarray and for the function that NumPy rebuilds one with."""

    array: Any = None

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        try:
            _, shape, dtype, fortran, data = state
            numbers, sizes = dtype.dtype, tuple(shape)
        except (TypeError, ValueError, AttributeError):
            raise Refused("an array whose state is not that of an array") from None
        if isinstance(data, str):  # the bytes of Python 2, read as latin-1
            data = data.encode("latin-1")
        plain = isinstance(data, (bytes, bytearray))
        if not plain or not all(type(n) is int and n >= 0 for n in sizes):
            raise Refused("an array whose state is not that of an array")
        if math.prod(sizes) * numbers.itemsize != len(data):
            raise Refused(f"an array of shape {sizes} with {len(data)} bytes of data")
        order = "F" if fortran else "C"
        self.array = np.frombuffer(bytearray(data), numbers).reshape(sizes, order=order)


class PickledBuffer(PickledArray):
    """Stands for the function that NumPy rebuilds an array with in protocol 5."""

    def __init__(self, data: Any = None, dtype: Any = None, shape: Any = None, order: Any = "C"):
        self.__setstate__((1, shape, dtype, order == "F", data))


class PickledBytes:
    """Stands for codecs.encode, which protocol 2 writes byte strings with."""

    def __new__(cls, text: Any, encoding: Any = "latin1") -> Any:
        if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
            raise Refused(f"a text in the encoding {encoding!r:.20}")
        return text.encode("latin-1")

    def __setstate__(self, state: Any) -> None:
        raise Refused("a state for a byte string")


ALLOWED = {
    ("numpy", "dtype"): PickledDtype,
    ("numpy", "ndarray"): PickledArray,
    ("numpy.core.multiarray", "_reconstruct"): PickledArray,
    ("numpy._core.multiarray", "_reconstruct"): PickledArray,
    ("numpy.core.numeric", "_frombuffer"): PickledBuffer,
    ("numpy._core.numeric", "_frombuffer"): PickledBuffer,
    ("_codecs", "encode"): PickledBytes,
}


class DataUnpickler(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """The unpickler written in Python: unlike the one in C, a hostile file cannot make it take
    more memory than the file is long."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except (KeyError, TypeError):
            raise Refused(f"{module}.{name}") from None

    def persistent_load(self, pid: Any) -> Any:
        raise Refused("an object from outside the file")


def read_pickle(path: str | os.PathLike[str], limit: int) -> Any:
    """What a pickle of dicts, lists, tuples, numbers, strings, bytes and arrays holds.

    The arrays come back as PickledArray, with an attribute `array`.

    Errors: FileFormatError for a file of more than `limit` bytes, a damaged one, and one that
    names anything else: a class, a function.
    """
    try:
        size = os.path.getsize(path)
        if size > limit:
            raise FileFormatError(f"{path}: {size} bytes is more than the {limit} expected")
        with open(path, "rb") as file:
            return DataUnpickler(file, encoding="latin1").load()
    except Refused as error:
        raise FileFormatError(
            f"{path}: refused, because the pickle asks for {error}, which image data does not need",
            fix="Do not open this file with pickle: it may run code. Get it from its source again.",
        ) from None
    except FileFormatError:
        raise
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read: {error.strerror}") from error
    except Exception as error:  # a damaged pickle can fail in any way at all
        raise FileFormatError(
            f"{path}: this is no pickle, or a damaged one ({type(error).__name__}: {error})",
            fix="Remove the file and download it again.",
        ) from None
