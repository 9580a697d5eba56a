"""Events as users see them: averages by name, a table, a trace in Chrome's format."""

from __future__ import annotations

import json
import os
from typing import Any

from chainrule.autograd.spans import Event, place


class FunctionEvent:
    """One event, or the sum of those with one name.

    Attributes: key, count; times in microseconds: cpu_time_total, self_cpu_time_total, cpu_time
    (per call); cpu_memory_usage in bytes of what was computed; input_shapes, stack.
    """

    def __init__(self, key: str, shapes: Any = (), stack: Any = ()) -> None:
        self.key = self.name = key
        self.input_shapes, self.stack = [list(s) for s in shapes], list(stack)
        self.count = 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = 0
        self.device_time_total = self.self_device_time_total = 0.0
        self.start = 0

    @property
    def cpu_time(self) -> float:
        """Microseconds per call."""
        return self.cpu_time_total / max(self.count, 1)

    self_cpu_memory_usage = property(lambda self: self.cpu_memory_usage)
    cuda_time_total = property(lambda self: self.device_time_total)
    self_cuda_time_total = property(lambda self: self.self_device_time_total)

    def __repr__(self) -> str:
        return (f"<FunctionEvent {self.key} count={self.count} "
                f"cpu_time_total={self.cpu_time_total:.1f}us>")  # fmt: skip


def self_times(events: list[Event]) -> list[int]:
    """The time of each event without that of the events inside it."""
    order = sorted(range(len(events)), key=lambda i: (events[i].start, -events[i].end))
    own = [e.end - e.start for e in events]
    stack: list[int] = []
    for i in order:
        event = events[i]
        while stack and (
            events[stack[-1]].end < event.end or events[stack[-1]].thread != event.thread
        ):
            stack.pop()
        if stack:
            own[stack[-1]] -= event.end - event.start
        stack.append(i)
    return [max(t, 0) for t in own]


def averages(events: list[Event], by_shape: bool = False, by_stack: int = 0) -> EventList:
    """Events summed by name, and by the shapes of what they read if asked for."""
    found: dict[Any, FunctionEvent] = {}
    for event, own in zip(events, self_times(events), strict=True):
        shapes = event.shapes if by_shape else ()
        stack = place(event)[:by_stack] if by_stack else []
        key = (event.name, str(shapes), str(stack))
        total = found.setdefault(key, FunctionEvent(event.name, shapes, stack))
        total.count += 1
        total.cpu_time_total += (event.end - event.start) / 1e3
        total.self_cpu_time_total += own / 1e3
        total.cpu_memory_usage += event.memory
    return EventList(found.values())


class EventList(list):  # type: ignore[type-arg]
    """A list of events that can be shown as a table."""

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all events together."""
        return float(sum(e.self_cpu_time_total for e in self))

    def table(
        self, sort_by: str | None = None, row_limit: int = 100, max_src_column_width: int = 75,
        max_name_column_width: int = 55, max_shapes_column_width: int = 80,
        header: str | None = None, top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:  # fmt: skip
        """The events as text, the largest first in the column `sort_by`.

        Columns: cpu_time_total, self_cpu_time_total, cpu_time, count, cpu_memory_usage.  Those of
        other devices (cuda_time_total and the like) are all zero here and keep the order.
        """
        rows = list(self)
        if sort_by is not None:
            rows.sort(key=lambda e: getattr(e, sort_by), reverse=True)
        total = self.self_cpu_time_total or 1.0
        shaped = any(e.input_shapes for e in rows)
        heads = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg",
                 "# of Calls"] + (["Input Shapes"] if shaped else [])  # fmt: skip
        lines = [heads]
        for e in rows[: row_limit if row_limit >= 0 else None]:
            name = e.key
            if len(name) > max_name_column_width:
                name = name[: max_name_column_width - 3] + "..."
            line = [name, f"{100 * e.self_cpu_time_total / total:.2f}%",
                    shown(e.self_cpu_time_total), f"{100 * e.cpu_time_total / total:.2f}%",
                    shown(e.cpu_time_total), shown(e.cpu_time), str(e.count)]  # fmt: skip
            lines.append(line + ([str(e.input_shapes)] if shaped else []))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rule = "  ".join("-" * w for w in widths)
        body = ["  ".join(t.rjust(w) for t, w in zip(line, widths, strict=True)) for line in lines]
        text = [rule, body[0], rule, *body[1:], rule]
        text.append(f"Self CPU time total: {shown(self.self_cpu_time_total)}\n")
        return "\n".join(([header] if header else []) + text)

    def total_average(self) -> FunctionEvent:
        """All events as one."""
        total = FunctionEvent("Total")
        for e in self:
            total.count += e.count
            total.cpu_time_total += e.cpu_time_total
            total.self_cpu_time_total += e.self_cpu_time_total
        return total

    def __str__(self) -> str:
        return self.table()


def shown(microseconds: float) -> str:
    """A time with its unit."""
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.3f}s"
    return f"{microseconds / 1e3:.3f}ms" if microseconds >= 1e3 else f"{microseconds:.3f}us"


def chrome_trace(events: list[Event], path: Any) -> None:
    """Write events so that chrome://tracing and Perfetto show them."""
    found = [
        {"ph": "X", "cat": "user_annotation" if e.kind == "block" else "cpu_op", "name": e.name,
         "pid": os.getpid(), "tid": e.thread, "ts": e.start / 1e3, "dur": (e.end - e.start) / 1e3,
         "args": {"Input Dims": e.shapes, "Call stack": ";".join(place(e)), "phase": e.kind}}
        for e in events
    ]  # fmt: skip
    import gzip

    opened: Any = gzip.open if os.fspath(path).endswith(".gz") else open
    with opened(path, "wt") as file:
        json.dump({"schemaVersion": 1, "traceEvents": found}, file)
