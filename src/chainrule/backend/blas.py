"""How many threads NumPy's own OpenBLAS uses.

Many small products are best divided by whoever calls them: OpenBLAS divides each one, and waits for
its threads after each, which on busy cores takes ten times as long as one thread does.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np


class Blas:
    """The library behind NumPy's matrix products, once it was looked for."""

    searched = False
    library: Any = None
    threads: int | None = None  # what the user asked for
    lock = threading.Lock()
    alone = 0  # how many want products on one thread just now
    before = 1


def openblas() -> Any:
    """NumPy's own OpenBLAS, found among the libraries that are loaded; None if it has another."""
    if Blas.searched:
        return Blas.library
    import ctypes  # on first need: 7 ms

    Blas.searched = True
    package = os.path.dirname(np.__file__)
    for folder in (f"{package}.libs", os.path.join(package, ".dylibs")):
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(folder)):
                if "openblas" in name:
                    with contextlib.suppress(OSError):
                        Blas.library = ctypes.CDLL(os.path.join(folder, name))
                        return Blas.library
    return None


def blas_function(verb: str) -> Any:
    """OpenBLAS's function, whatever prefix and suffix this build gives its names."""
    library = openblas()
    for name in (f"scipy_openblas_{verb}_num_threads64_", f"scipy_openblas_{verb}_num_threads",
                 f"openblas_{verb}_num_threads64_", f"openblas_{verb}_num_threads"):  # fmt: skip
        found = getattr(library, name, None)
        if found is not None:
            return found
    return None


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """Products take one thread each, within a block that divides its work itself."""
    change, ask = blas_function("set"), blas_function("get")
    if change is None or ask is None:
        yield
        return
    with Blas.lock:
        if not Blas.alone:
            Blas.before = ask()
            change(1)
        Blas.alone += 1
    try:
        yield
    finally:
        with Blas.lock:
            Blas.alone -= 1
            if not Blas.alone:
                change(Blas.before)


def forget_blocks() -> None:
    """After a fork no other thread is in such a block."""
    Blas.lock = threading.Lock()
    if Blas.alone:
        Blas.alone = 0
        blas_function("set")(Blas.before)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_blocks)
