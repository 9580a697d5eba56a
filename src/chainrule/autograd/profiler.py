"""torch.autograd.profiler: the older profiler; `torch.profiler` collects the same."""

from __future__ import annotations

from typing import Any

from chainrule.autograd.profile_events import EventList, FunctionEvent, averages, chrome_trace
from chainrule.autograd.spans import Collector, Event, record_function

__all__ = ["EventList", "FunctionEvent", "emit_itt", "emit_nvtx", "profile", "record_function"]


class profile:
    """Collect how long operations take while the block runs.

    >>> import chainrule as torch
    >>> with torch.autograd.profiler.profile() as p:
    ...     _ = torch.ones(3).exp()
    >>> [e.key for e in p.key_averages()][-1]
    'aten::exp'
    """

    def __init__(self, enabled: bool = True, *, record_shapes: bool = False,
                 with_stack: bool = False, **options: Any) -> None:  # fmt: skip
        self.enabled = enabled
        self.collector = Collector(record_shapes, with_stack)

    def __enter__(self) -> profile:
        if self.enabled:
            self.collector.start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.collector.stop()

    @property
    def collected(self) -> list[Event]:
        """Every event, in order."""
        return self.collector.events

    @property
    def function_events(self) -> EventList:
        """Every event by itself."""
        return EventList(e for event in self.collected for e in averages([event], True, 1))

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0,
                     group_by_overload_name: bool = False) -> EventList:  # fmt: skip
        """Events summed by name."""
        return averages(self.collected, group_by_input_shape, group_by_stack_n)

    def table(self, sort_by: str | None = None, row_limit: int = 100, **widths: Any) -> str:
        """The sums as text."""
        return self.key_averages().table(sort_by, row_limit, **widths)

    def total_average(self) -> FunctionEvent:
        """All events as one."""
        return self.key_averages().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all events together."""
        return self.key_averages().self_cpu_time_total

    def export_chrome_trace(self, path: Any) -> None:
        """Write a trace for chrome://tracing or Perfetto."""
        chrome_trace(self.collected, path)

    def __str__(self) -> str:
        return self.table()


class emit_nvtx:
    """A block in which nothing changes: there is no GPU whose profiler could see marks.

    >>> import chainrule as torch
    >>> with torch.autograd.profiler.emit_nvtx():
    ...     pass
    """

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled, self.record_shapes = enabled, record_shapes

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None:
        return None


emit_itt = emit_nvtx
