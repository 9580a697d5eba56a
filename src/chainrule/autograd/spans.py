"""Collecting: a list of events with start and end, from operations, backward rules and blocks."""

from __future__ import annotations

import functools
import sys
import threading
from time import perf_counter_ns
from typing import Any

from chainrule.autograd import record
from chainrule.graph import line_of, user_frame
from chainrule.ops.base import numpy_ns


class Event:
    """One thing that took time.  `kind` is "op", "backward" or "block"."""

    __slots__ = ("end", "kind", "memory", "name", "shapes", "start", "thread", "where")

    def __init__(self, name: str, kind: str, start: int, end: int) -> None:
        self.name, self.kind, self.start, self.end = name, kind, start, end
        self.thread = threading.get_ident()
        self.shapes: Any = ()
        self.memory = 0
        self.where: Any = None


class Active:
    """The collectors that run now."""

    collectors: list[Collector] = []


class Timed:
    """The vocabulary over NumPy with a clock around each function: what backward rules call."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector

    def __getattr__(self, name: str) -> Any:
        function = getattr(numpy_ns, name)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            start = perf_counter_ns()
            out = function(*args, **kwargs)
            self.collector.add(f"aten::{name}", "backward", start, args, out)
            return out

        setattr(self, name, call)
        return call


class Collector:
    """Events from `start` to `stop`.

    The engine tells of an operation when it is done, so its time runs from the end of what came
    before: the times of all operations add up to the wall time.
    """

    def __init__(self, shapes: bool = False, stack: bool = False) -> None:
        self.shapes, self.stack = shapes, stack
        self.events: list[Event] = []
        self.last = 0
        self.running = False

    def start(self) -> None:
        reverse_module: Any = sys.modules["chainrule.autograd.reverse"]

        self.before = record.observe
        record.observe = self.observe
        self.raw = reverse_module.numpy_ns
        reverse_module.numpy_ns = Timed(self)
        Active.collectors.append(self)
        self.running = True
        self.last = perf_counter_ns()

    def stop(self) -> None:
        reverse_module: Any = sys.modules["chainrule.autograd.reverse"]

        if self.running:
            record.observe = self.before
            reverse_module.numpy_ns = self.raw
            Active.collectors.remove(self)
            self.running = False

    def observe(self, op: Any, inputs: Any, arrays: Any, out: Any, static: Any) -> None:
        if self.before is not None:
            self.before(op, inputs, arrays, out, static)
        self.add(f"aten::{op.name}", "op", self.last, arrays, out)

    def add(self, name: str, kind: str, start: int, arrays: Any, out: Any) -> None:
        event = Event(name, kind, start, perf_counter_ns())
        event.memory = getattr(out, "nbytes", 0)
        if self.shapes:
            event.shapes = tuple(list(getattr(a, "shape", ())) for a in arrays)
        if self.stack:
            event.where = user_frame(sys._getframe(1))
        self.events.append(event)
        self.last = perf_counter_ns()

    def block(self, name: str, start: int, end: int) -> None:
        self.events.append(Event(name, "block", start, end))


class record_function:
    """A block, or a decorated function, that shows under a name of its own in profiles.

    >>> import chainrule as torch
    >>> with torch.profiler.profile() as p:
    ...     with torch.profiler.record_function("my part"):
    ...         _ = torch.ones(3) + 1
    >>> "my part" in [e.key for e in p.key_averages()]
    True
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args
        self.starts: list[int] = []

    def __enter__(self) -> record_function:
        self.starts.append(perf_counter_ns())
        return self

    def __exit__(self, *exc: Any) -> None:
        start, end = self.starts.pop(), perf_counter_ns()
        for collector in Active.collectors:
            collector.block(self.name, start, end)

    def __call__(self, function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return call


def place(event: Event) -> list[str]:
    """The line of the user's program that an event belongs to."""
    return [] if event.where is None else [line_of(event.where)]
