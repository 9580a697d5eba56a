"""`profile`: when to collect, step by step, and what to do with what was collected."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable
from enum import Enum
from time import perf_counter_ns
from typing import Any

from chainrule.autograd.profile_events import EventList, averages, chrome_trace
from chainrule.autograd.spans import Collector, Event
from chainrule.errors import ArgumentError


class ProfilerActivity(Enum):
    """What may be profiled; only the CPU is here."""

    CPU = 0
    CUDA = 1
    XPU = 2
    MTIA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(Enum):
    """What a step does: nothing, warm up, collect, collect and hand out."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """The CPU alone."""
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0,
    skip_first_wait: int = 0,
) -> Callable[[int], ProfilerAction]:  # fmt: skip
    """From the number of a step to what it does: cycles of wait, warmup and active steps.

    Args:
        repeat: how many cycles; 0 goes on for ever.
        skip_first: steps before the first cycle.
        skip_first_wait: whether the first cycle leaves out its waiting.

    >>> import chainrule as torch
    >>> plan = torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=1)
    >>> [plan(i).name for i in range(5)]
    ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    if wait < 0 or warmup < 0 or active <= 0 or repeat < 0 or skip_first < 0:
        raise ArgumentError("Invalid profiler schedule arguments: active is at least 1, the others "
                            "are not negative")  # fmt: skip

    def action(step: int) -> ProfilerAction:
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        if skip_first_wait:
            step += wait
        cycle = wait + warmup + active
        if repeat and step // cycle >= repeat:
            return ProfilerAction.NONE
        place = step % cycle
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def tensorboard_trace_handler(
    dir_name: str,
    worker_name: str | None = None,
    use_gzip: bool = False,
    use_python_export: bool = False,
) -> Callable[[Any], None]:
    """A function for `on_trace_ready` that writes each trace into a folder."""

    def handler(prof: Any) -> None:
        os.makedirs(dir_name, exist_ok=True)
        worker = worker_name or f"{socket.gethostname()}_{os.getpid()}"
        end = ".gz" if use_gzip else ""
        name = f"{worker}.{time.time_ns()}.pt.trace.json{end}"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return handler


class profile:
    """Collect how long operations take while the block runs.

    An operation's time runs from the end of the one before it, so that the interpreter's share is
    in it; in backward, each array function is timed by itself.

    Args:
        activities: accepted; only the CPU is here.
        schedule: which steps to collect, see `schedule`; call `step()` after each.
        on_trace_ready: called with this object when the steps of a cycle are done.
        record_shapes: keep the shapes of what each operation read.
        with_stack: keep the line of the program.
        profile_memory, with_flops, with_modules, experimental_config, execution_trace_observer,
            acc_events, use_cuda, custom_trace_id_callback, post_processing_timeout_s: accepted;
            they add nothing here.

    >>> import chainrule as torch
    >>> with torch.profiler.profile(record_shapes=True) as p:
    ...     _ = torch.ones(2, 3) @ torch.ones(3)
    >>> [(e.key, e.count) for e in p.key_averages() if "matmul" in e.key]
    [('aten::matmul', 1)]
    """

    def __init__(
        self, *, activities: Iterable[ProfilerActivity] | None = None, schedule: Any = None,
        on_trace_ready: Any = None, record_shapes: bool = False, profile_memory: bool = False,
        with_stack: bool = False, with_flops: bool = False, with_modules: bool = False,
        experimental_config: Any = None, execution_trace_observer: Any = None,
        acc_events: bool = False, use_cuda: bool | None = None,
        custom_trace_id_callback: Any = None, post_processing_timeout_s: float | None = None,
    ) -> None:  # fmt: skip
        self.plan, self.on_trace_ready = schedule, on_trace_ready
        self.options = record_shapes, with_stack
        self.collector: Collector | None = None
        self.collected: list[Event] = []
        self.step_num = 0
        self.action = ProfilerAction.NONE
        self.began = 0

    def start(self) -> None:
        """Begin, at step 0."""
        self.action = self.plan(0) if self.plan else ProfilerAction.RECORD_AND_SAVE
        self.began = perf_counter_ns()
        if self.recording:
            self.begin()

    def stop(self) -> None:
        """End; what is being collected is handed out."""
        if self.collector is not None:
            self.end_step()
            self.finish()
        self.action = ProfilerAction.NONE

    def step(self) -> None:
        """Say that a step is done."""
        if self.collector is not None:
            self.end_step()
        before, self.step_num = self.action, self.step_num + 1
        self.action = self.plan(self.step_num) if self.plan else ProfilerAction.RECORD_AND_SAVE
        if self.plan and before is ProfilerAction.RECORD_AND_SAVE:
            self.finish()
        if self.recording and self.collector is None:
            self.begin()
        self.began = perf_counter_ns()

    @property
    def recording(self) -> bool:
        return self.action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)

    def begin(self) -> None:
        self.collector = Collector(*self.options)
        self.collector.start()

    def end_step(self) -> None:
        if self.plan is not None and self.collector is not None:
            self.collector.block(f"ProfilerStep#{self.step_num}", self.began, perf_counter_ns())

    def finish(self) -> None:
        assert self.collector is not None
        self.collector.stop()
        self.collected, self.collector = self.collector.events, None
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.stop()

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0,
        group_by_overload_name: bool = False,
    ) -> EventList:  # fmt: skip
        """Events summed by name; `.table(sort_by=...)` shows them."""
        return averages(self.collected, group_by_input_shape, group_by_stack_n)

    def events(self) -> EventList:
        """Every event by itself."""
        return EventList(e for event in self.collected for e in averages([event], True, 1))

    def export_chrome_trace(self, path: Any) -> None:
        """Write a trace for chrome://tracing or Perfetto; gzipped if the name ends in .gz."""
        chrome_trace(self.collected, path)

    def export_stacks(self, path: Any, metric: str = "self_cpu_time_total") -> None:
        """Write lines of the program with their times, for flame graphs; needs with_stack=True."""
        with open(path, "w") as file:
            for e in averages(self.collected, by_stack=1):
                if e.stack:
                    file.write(f"{e.stack[0]};{e.key} {int(getattr(e, metric))}\n")

    def add_metadata(self, key: str, value: str) -> None:
        """Accepted; traces here hold events only."""

    add_metadata_json = add_metadata
