"""Elementwise functions on large arrays, spread over the processor's cores.

NumPy's loops run without the interpreter's lock, so plain threads do.  Small arrays pay one
comparison, 0.1 us.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

Array = Any
LARGE = 1 << 17  # elements; from here on, waking a thread costs less than it saves


class Pool:
    """The worker threads, made on first need, and how many are wanted."""

    count = 0  # 0: not asked yet
    executor: Any = None
    workers: list[int]  # their numbers at the system
    allowed: set[int]  # the processors this process may use
    processor = -1  # the one that the workers were last kept off
    ask: Any = None  # says which processor a thread runs on


def thread_count() -> int:
    """How many threads work on one array: OMP_NUM_THREADS, or the cores this process may use."""
    if not Pool.count:
        wanted = os.environ.get("OMP_NUM_THREADS", "")
        if wanted.isdigit() and int(wanted) > 0:
            Pool.count = int(wanted)
        elif hasattr(os, "sched_getaffinity"):
            Pool.count = len(os.sched_getaffinity(0))
        else:
            Pool.count = os.cpu_count() or 1
    return Pool.count


def set_thread_count(count: int) -> None:
    """Use this many from now on."""
    Pool.count, Pool.executor = count, None


def executor() -> Any:
    """The workers, about to be given work."""
    if Pool.executor is None:
        from concurrent.futures import ThreadPoolExecutor  # 8 ms of import time

        Pool.workers, Pool.processor, Pool.ask = [], -1, current_processor()
        Pool.executor = ThreadPoolExecutor(
            thread_count() - 1, "chainrule", lambda: Pool.workers.append(threading.get_native_id())
        )
    if Pool.ask is not None:
        keep_apart()
    return Pool.executor


def current_processor() -> Any:
    """The C function that tells it, where threads can be kept to processors (Linux)."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    import ctypes

    Pool.allowed = set(os.sched_getaffinity(0))
    return getattr(ctypes.PyDLL(None), "sched_getcpu", None)


def keep_apart() -> None:
    """Keep the workers off the processor that this thread runs on.

    The system likes to wake a thread where the one that wakes it runs, to which it then has to
    wait: both halves of a job of a millisecond run one after the other.
    """
    here = Pool.ask()
    if here != Pool.processor and Pool.workers:
        rest = Pool.allowed - {here}
        for worker in Pool.workers if rest else ():
            with contextlib.suppress(OSError):  # it has just ended
                os.sched_setaffinity(worker, rest)
        Pool.processor = here


def forget_threads() -> None:
    """After a fork the child has no threads."""
    Pool.executor = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_threads)


def in_parts(work: Callable[[int, int], None], size: int, least: int = LARGE) -> None:
    """`work(start, stop)` over the whole range; from `least` on, a part on each core."""
    count = thread_count() if size >= least else 1
    if count == 1:
        return work(0, size)
    each = -(-size // count)
    jobs = [
        executor().submit(work, i * each, min((i + 1) * each, size))
        for i in range(1, count)
        if i * each < size
    ]
    work(0, each)
    for job in jobs:
        job.result()
    return None


def threaded(function: Callable[..., Array]) -> Callable[..., Array]:
    """The elementwise `function` of arrays of one shape; large ones are spread over threads.

    It must take `out=`, as ufuncs do.
    """
    plain = getattr(function, "__wrapped__", function)  # without the care for half precision

    @functools.wraps(function)
    def call(x: Array, *rest: Array) -> Array:
        if x.itemsize <= 2:
            return function(x, *rest)
        return plain(x, *rest) if x.size < LARGE else spread(plain, x, *rest)

    return call


def each_part(n: int, size: int, work: Callable[[slice], Any]) -> list[Any]:
    """`work` on parts of a batch of `n` images with `size` elements together, over the cores."""
    count = min(thread_count(), n) if size >= LARGE else 1
    if count <= 1:
        return [work(slice(0, n))]
    cuts = [n * i // count for i in range(count + 1)]
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    jobs = [executor().submit(work, part) for part in parts[1:]]
    return [work(parts[0]), *(job.result() for job in jobs)]


def spread(function: Callable[..., Array], *arrays: Array) -> Array:
    """`function(*arrays)`, in parts.  What cannot be cut into even parts is done in one."""
    x, count = arrays[0], thread_count()
    if count == 1 or not all(
        type(a) is np.ndarray and a.shape == x.shape and a.flags.c_contiguous for a in arrays
    ):
        return function(*arrays)
    flat = [a.reshape(-1) for a in arrays]
    out = np.empty(x.shape, function(*[a[:1] for a in flat]).dtype)
    whole = out.reshape(-1)

    def work(start: int, stop: int) -> None:
        part = slice(start, stop)
        function(*[a[part] for a in flat], out=whole[part])

    each = -(-x.size // count)
    each = -(-each // 1024) * 1024  # ranges begin on cache lines
    jobs = [
        executor().submit(work, i * each, min((i + 1) * each, x.size))
        for i in range(1, count)
        if i * each < x.size
    ]
    work(0, min(each, x.size))
    for job in jobs:
        job.result()
    return out
