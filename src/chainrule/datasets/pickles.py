"""Reading the data in a pickle without running what it says: `torch.load`'s reader, bounded."""

from __future__ import annotations

import os
from typing import Any

from chainrule.errors import FileFormatError
from chainrule.serialization.unpickler import Refused, Unpickler


def outside(pid: Any) -> Any:
    raise Refused("an object from outside the file")


def read_pickle(path: str | os.PathLike[str], limit: int) -> Any:
    """What a pickle of dicts, lists, tuples, numbers, strings, bytes and arrays holds.

    Errors: FileFormatError for a file of more than `limit` bytes, a damaged one, and one that
    names anything else: a class, a function.
    """
    try:
        size = os.path.getsize(path)
        if size > limit:
            raise FileFormatError(f"{path}: {size} bytes is more than the {limit} expected")
        with open(path, "rb") as file:
            return Unpickler(file, outside, False, encoding="latin1").load()
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
