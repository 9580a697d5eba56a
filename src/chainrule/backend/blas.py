"""Matrix products on several cores, without OpenBLAS's own threads.

OpenBLAS divides each product above a small size, and its threads wait for each other by spinning:
on cores that others use too, one product then takes ten times as long as on one thread, and a loop
of small ones a hundred times.  So products here run on one thread each, and large ones are divided
over the threads of `backend.threads`, which sleep while they wait.  NumPy's own products outside of
this package are as they were.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.backend.threads import in_parts

Array = Any


class Blas:
    """The library behind NumPy's matrix products, once it was looked for."""

    searched = False
    library: Any = None
    threads: int | None = None  # what the user asked for
    lock = threading.Lock()
    alone = 0  # how many want products on one thread just now
    before = 1
    looked = False
    change: Any = None  # sets the library's threads
    ask: Any = None


def look() -> bool:
    """Find the library's two functions; False where NumPy has another library."""
    if not Blas.looked:
        Blas.looked = True
        Blas.change, Blas.ask = blas_function("set"), blas_function("get")
        if Blas.ask is None:
            Blas.change = None
    return Blas.change is not None


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
                        Blas.library = ctypes.PyDLL(os.path.join(folder, name))
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


class SingleThreaded:
    """Products take one thread each, within a block that divides its work itself, or has none worth
    dividing.  Blocks nest, also those of several threads."""

    def __enter__(self) -> None:
        if Blas.change is None and not look():
            return
        with Blas.lock:
            if not Blas.alone:
                Blas.before = Blas.ask()
                if Blas.before != 1:
                    Blas.change(1)
            Blas.alone += 1

    def __exit__(self, *_: Any) -> None:
        if Blas.change is None:
            return
        with Blas.lock:
            Blas.alone -= 1
            if not Blas.alone and Blas.before != 1:
                Blas.change(Blas.before)


def alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """All products of `function` on one thread each."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with SINGLE:
            return function(*args, **kwargs)

    return call


SINGLE = SingleThreaded()
DIVIDED = 1 << 18  # multiplications from which on OpenBLAS uses its threads
WORTH = 1 << 24  # multiplications from which on a second thread of ours is worth waking
matmul = np.matmul


def product(x: Array, y: Array, out: Array | None = None) -> Array:
    """x @ y for two matrices, on as many cores as it is worth."""
    work = x.size * y.shape[-1]
    if work < DIVIDED:
        return matmul(x, y) if out is None else matmul(x, y, out)
    with SINGLE:
        if work < WORTH or x.ndim != 2 or y.ndim != 2 or Blas.before == 1:
            return matmul(x, y) if out is None else matmul(x, y, out)
        rows, columns = len(x), y.shape[1]
        if out is None:
            out = np.empty((rows, columns), np.result_type(x, y))
        if rows >= columns:

            def part(start: int, stop: int) -> None:
                matmul(x[start:stop], y, out[start:stop])

        else:

            def part(start: int, stop: int) -> None:
                matmul(x, y[:, start:stop], out[:, start:stop])

        in_parts(part, max(rows, columns), 2)
    return out


def forget_blocks() -> None:
    """After a fork no other thread is in such a block."""
    Blas.lock = threading.Lock()
    if Blas.alone:
        Blas.alone = 0
        blas_function("set")(Blas.before)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_blocks)
