"""torch.Stream and torch.Event: on a CPU, work is done when a call returns."""

from __future__ import annotations

from typing import Any

from chainrule import dtypes
from chainrule.errors import ArgumentError
from chainrule.functional.options import check_device


class Stream:
    """A queue of work; on a CPU it is always empty.

    >>> import chainrule as torch
    >>> torch.Stream().query()
    True
    """

    stream_id, device_index = 0, -1
    device_type = 0

    def __init__(self, device: Any = None, *, priority: int = 0) -> None:
        check_device(device)
        self.device, self.priority = dtypes.device("cpu"), priority

    def query(self) -> bool:
        """Always True: everything is done."""
        return True

    def synchronize(self) -> None:
        """Nothing: everything is done."""

    def wait_event(self, event: Any) -> None:
        """Nothing: it has happened."""

    def wait_stream(self, stream: Any) -> None:
        """Nothing: it is done."""

    def record_event(self, event: Any = None) -> Any:
        """A mark that has happened."""
        return event or Event()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exc: Any) -> None:
        return None

    def __repr__(self) -> str:
        return "torch.Stream device_type=cpu, device_index=-1, stream_id=0"


class Event:
    """A mark in a stream; on a CPU it has always happened.

    >>> import chainrule as torch
    >>> torch.Event().query()
    True
    """

    event_id = 0

    def __init__(
        self, device: Any = None, *, enable_timing: bool = False, blocking: bool = False,
        interprocess: bool = False,
    ) -> None:  # fmt: skip
        check_device(device)
        self.device, self.enable_timing = dtypes.device("cpu"), enable_timing

    def query(self) -> bool:
        """Always True."""
        return True

    def record(self, stream: Any = None) -> None:
        """Nothing."""

    def synchronize(self) -> None:
        """Nothing: it has happened."""

    def wait(self, stream: Any = None) -> None:
        """Nothing: it has happened."""

    def elapsed_time(self, end_event: Any) -> float:
        """Errors: no times are kept; use time.perf_counter()."""
        raise ArgumentError("events on a CPU keep no times", fix="Use time.perf_counter().")

    def __repr__(self) -> str:
        return "torch.Event device_type=cpu, device_index=-1, event_flag=0, event_id=0"
