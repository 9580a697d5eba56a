"""torch.profiler: how long operations take, as a table and as a trace for a browser."""

from chainrule.autograd.profile_events import EventList, FunctionEvent
from chainrule.autograd.spans import record_function
from chainrule.profiler.session import (
    ProfilerAction,
    ProfilerActivity,
    profile,
    schedule,
    supported_activities,
    tensorboard_trace_handler,
)

kineto_available = lambda: False

__all__ = ["EventList", "FunctionEvent", "ProfilerAction", "ProfilerActivity", "kineto_available",
           "profile", "record_function", "schedule", "supported_activities",
           "tensorboard_trace_handler"]  # fmt: skip
