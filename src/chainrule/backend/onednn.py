"""oneDNN's C library through ctypes: found and loaded at the first operation that is worth it.

`pip install chainrule[onednn]` brings `libdnnl.so.3`; one from conda or the system serves as well.
Without it, with one that is broken or of another major version, and in a process forked from one
that has used it (its OpenMP threads do not survive a fork), NumPy does the work.

CHAINRULE_ONEDNN=0 leaves the library alone; a path names the file to load.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

from chainrule.backend import threads

SUCCESS, OUT_OF_MEMORY = 0, 1
CPU, IN_ORDER = 1, 1
MAJOR = 3  # the C interface is stable within a major version


class Version(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_int), ("minor", ctypes.c_int), ("patch", ctypes.c_int),
        ("hash", ctypes.c_char_p), ("cpu", ctypes.c_uint), ("gpu", ctypes.c_uint),
    ]  # fmt: skip


class Library:
    """The loaded library, or why there is none."""

    handle: Any = None
    engine: Any = None
    stream: Any = None
    version: tuple[int, int, int] | None = None
    path = ""
    reason = ""  # why it is not used, once that is known
    tried = False
    enabled = os.environ.get("CHAINRULE_ONEDNN", "") != "0"
    used = False  # something has run: OpenMP's threads exist
    lock = threading.RLock()  # one operation at a time: each takes all cores
    local = threading.local()  # how many OpenMP threads each of our threads asked for


class Failed(Exception):
    """A call returned a status other than success; caught by whoever can do without."""

    def __init__(self, status: int) -> None:
        super().__init__(f"oneDNN returned status {status}")
        self.status = status


def check(status: int) -> None:
    if status != SUCCESS:
        raise Failed(status)


def candidates() -> Iterator[str]:
    """Where the library may lie: what the user names, pip's and conda's place, the system."""
    named = os.environ.get("CHAINRULE_ONEDNN", "")
    if named not in ("", "0", "1"):
        yield named
        return
    if sys.platform == "win32":
        name, folder = "dnnl.dll", os.path.join("Library", "bin")
    else:
        name = "libdnnl.3.dylib" if sys.platform == "darwin" else "libdnnl.so.3"
        folder = "lib"
    user = os.path.join(os.path.expanduser("~"), ".local")
    for prefix in dict.fromkeys((sys.prefix, sys.exec_prefix, user)):
        path = os.path.join(prefix, folder, name)
        if os.path.exists(path):
            yield path
    yield name


def load() -> None:
    """Load the library, or note why not.  Nothing is raised, and it is tried once."""
    with Library.lock:
        if Library.tried:
            return
        Library.reason = "no libdnnl was found"
        quiet = "GOMP_SPINCOUNT" not in os.environ and "OMP_WAIT_POLICY" not in os.environ
        if quiet:  # waiting OpenMP threads would keep NumPy's from the cores for milliseconds
            os.environ["GOMP_SPINCOUNT"] = "1000"
        try:
            for path in candidates():
                try:
                    start(ctypes.CDLL(path))
                except (OSError, AttributeError, Failed) as error:
                    Library.reason = f"{path}: {error}"
                else:
                    Library.path, Library.reason = path, ""
                    break
        finally:
            if quiet:
                del os.environ["GOMP_SPINCOUNT"]
            Library.tried = True


def start(handle: Any) -> None:
    """Check the version, and make the engine and the stream that everything runs on."""
    handle.dnnl_version.restype = ctypes.POINTER(Version)
    found = handle.dnnl_version().contents
    if found.major != MAJOR:
        raise OSError(f"version {found.major}.{found.minor} is not {MAJOR}.x")
    engine, stream = ctypes.c_void_p(), ctypes.c_void_p()
    check(handle.dnnl_engine_create(ctypes.byref(engine), CPU, ctypes.c_size_t(0)))
    check(handle.dnnl_stream_create(ctypes.byref(stream), engine, IN_ORDER))
    handle.dnnl_primitive_desc_query_md.restype = ctypes.c_void_p
    handle.dnnl_memory_desc_get_size.restype = ctypes.c_size_t
    Library.engine, Library.stream = engine, stream
    Library.version = (found.major, found.minor, found.patch)
    Library.handle = handle


def ready() -> bool:
    """Whether operations can go to the library; loads it when asked for the first time."""
    if not Library.enabled:
        return False
    if not Library.tried:
        load()
    return Library.handle is not None


def wanted_threads() -> int:
    """Tell OpenMP, which counts for each thread apart, how many threads to use."""
    count = threads.thread_count()
    if getattr(Library.local, "count", 0) != count:
        set_count = getattr(Library.handle, "omp_set_num_threads", None)
        if set_count is not None:
            set_count(count)
        Library.local.count = count
    return count


def abandon() -> None:
    """After a fork: OpenMP would wait for threads that only the parent has."""
    Library.lock = threading.RLock()
    Library.local = threading.local()
    if Library.used:
        Library.handle, Library.tried = None, True
        Library.reason = "the process that this one was forked from has used it"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=abandon)
