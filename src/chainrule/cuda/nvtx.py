"""torch.cuda.nvtx: marks for NVIDIA's profiler, which is not here.

torch refuses them without a GPU; here they do nothing, so that annotated programs run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


def range_push(msg: str) -> int:
    """Nothing; returns 0, the depth."""
    return 0


def range_pop() -> int:
    """Nothing; returns 0, the depth."""
    return 0


def range_start(msg: str) -> int:
    """Nothing; returns 0, the handle."""
    return 0


def range_end(range_id: int) -> None:
    """Nothing."""


def mark(msg: str) -> None:
    """Nothing."""


@contextlib.contextmanager
def range(msg: str, *args: Any, **kwargs: Any) -> Iterator[None]:
    """A context that does nothing."""
    yield
