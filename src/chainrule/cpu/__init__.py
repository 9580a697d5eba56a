"""torch.cpu: the questions and no-ops of torch.cuda, for the one device that is here."""

from __future__ import annotations

import contextlib
from typing import Any

from chainrule.errors import ArgumentError


def is_available() -> bool:
    """Always True."""
    return True


def is_initialized() -> bool:
    """Always True."""
    return True


def device_count() -> int:
    """Always 1."""
    return 1


def current_device() -> str:
    """Always "cpu"."""
    return "cpu"


def set_device(device: Any) -> None:
    """Nothing: there is one CPU."""


def synchronize(device: Any = None) -> None:
    """Nothing: operations have finished when they return."""


def manual_seed(seed: int) -> None:
    """Seed the generator, as `torch.manual_seed`."""
    from chainrule import random

    random.manual_seed(seed)


class Stream:
    """A queue of work; on a CPU all work is done at once."""

    def __init__(self, priority: int = -1) -> None:
        self.priority = priority

    def wait_stream(self, stream: Any) -> None:
        """Nothing: it has finished."""

    def record_event(self, event: Any = None) -> Any:
        """An event that has happened."""
        return event or Event()

    def wait_event(self, event: Any) -> None:
        """Nothing: it has happened."""

    def synchronize(self) -> None:
        """Nothing: it has finished."""


class Event:
    """A mark in a stream; on a CPU it has always happened."""

    def __init__(self, enable_timing: bool = False, **options: Any) -> None:
        self.enable_timing = enable_timing

    def query(self) -> bool:
        """Always True."""
        return True

    def record(self, stream: Any = None) -> None:
        """Nothing."""

    def synchronize(self) -> None:
        """Nothing: it has happened."""

    def wait(self, stream: Any = None) -> None:
        """Nothing: it has happened."""

    def elapsed_time(self, end: Any) -> float:
        """Errors: no times are kept; use time.perf_counter()."""
        raise ArgumentError("events on a CPU keep no times", fix="Use time.perf_counter().")


_STREAM = Stream()


def current_stream(device: Any = None) -> Stream:
    """The one stream."""
    return _STREAM


def stream(stream: Any) -> Any:
    """A context that does nothing."""
    return contextlib.nullcontext()


StreamContext = contextlib.nullcontext


def is_amp_supported(*args: Any) -> bool:
    """Always True."""
    return True


def __getattr__(name: str) -> Any:
    if name == "amp":
        import importlib

        return importlib.import_module(f"{__name__}.amp")
    raise AttributeError(f"module 'chainrule.cpu' has no attribute '{name}'")
