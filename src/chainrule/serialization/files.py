"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def replaced(filename: str | os.PathLike[str]) -> Iterator[Any]:
    """A file to write, which takes the place of `filename` when the block ends well.

    It is written beside its target, flushed to the disk and then renamed, so that a crash, a full
    disk or an error leaves the old file or the new one.
    """
    path = os.fspath(filename)
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe, /dev/null
        with open(path, "wb") as file:
            yield file
        return
    path = os.path.realpath(path)  # a link stays a link
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(filename))} does not "
                           "exist.")  # fmt: skip
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, permissions(path))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    with contextlib.suppress(OSError):  # the new name itself; not every system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def permissions(path: str) -> int:
    """Those of the file that is replaced; else what a new file gets."""
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
