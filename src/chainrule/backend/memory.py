"""Keeping freed memory: glibc gives large blocks back to the kernel, and the next one faults in.

An elementwise step on 10^6 float32 spends half its time on those page faults.  Raising glibc's
two thresholds once keeps blocks of up to 64 MB in the process.  `CHAINRULE_KEEP_MEMORY=0` leaves
glibc as it is; other C libraries are never touched.
"""

from __future__ import annotations

import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
MMAP_FROM, TRIM_FROM = 64 << 20, 256 << 20  # bytes


def keep_freed_memory() -> bool:
    """Raise the thresholds; whether that was done."""
    if not sys.platform.startswith("linux") or os.environ.get("CHAINRULE_KEEP_MEMORY") == "0":
        return False
    try:
        import ctypes

        libc = ctypes.CDLL(None)
        if not hasattr(libc, "gnu_get_libc_version"):
            return False
        return bool(
            libc.mallopt(M_MMAP_THRESHOLD, MMAP_FROM) and libc.mallopt(M_TRIM_THRESHOLD, TRIM_FROM)
        )
    except (ImportError, OSError, AttributeError):
        return False
