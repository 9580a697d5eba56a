"""torch.cuda.profiler: NVIDIA's profiler, which is not here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from chainrule.functional.options import check_device


def start() -> None:
    """Errors: there is no GPU to profile."""
    check_device("cuda")


stop = start


def init(output_file: str, flags: object = None, output_mode: str = "key_value") -> None:
    """Errors: there is no GPU to profile."""
    check_device("cuda")


@contextlib.contextmanager
def profile() -> Iterator[None]:
    """Errors: there is no GPU to profile."""
    start()
    yield
