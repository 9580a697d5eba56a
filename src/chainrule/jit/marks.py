"""What tells a TorchScript compiler something; without one it says nothing."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple, get_args, get_origin

from chainrule.futures import Future


class Error(RuntimeError):
    """An error inside scripted code; nothing raises it here, for there is Python's own."""


class TracerWarning(Warning):
    """What torch's tracer warns with; nothing is frozen by a trace here."""

    @staticmethod
    def ignore_lib_warnings() -> None:
        """Nothing: there are no such warnings."""


class TracingCheckError(Exception):
    """A trace that does not agree with its function; here they are the same."""


class Attribute(NamedTuple):
    """A value with its type, for attributes of a script module."""

    value: Any
    type: Any


def annotate(the_type: Any, the_value: Any) -> Any:
    """The value; the type is for a compiler.

    >>> import chainrule as torch
    >>> torch.jit.annotate(list[int], [])
    []
    """
    return the_value


def is_scripting() -> bool:
    """Whether this is compiled TorchScript: never.

    >>> import chainrule as torch
    >>> torch.jit.is_scripting(), torch.jit.is_tracing()
    (False, False)
    """
    return False


def is_tracing() -> bool:
    """Whether a trace is being recorded: never, as `trace` records nothing."""
    return False


def export(fn: Any) -> Any:
    """Mark a method for compilation: it is returned as it is."""
    return fn


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """Mark a method to be left to Python: it is returned as it is.  `@ignore` or `@ignore(...)`."""
    return drop if callable(drop) else lambda fn: fn


def unused(fn: Any) -> Any:
    """Mark a method that compiled code never calls: it is returned as it is."""
    return fn


def interface(obj: Any) -> Any:
    """Mark a class as an interface: it is returned as it is."""
    return obj


def script_if_tracing(fn: Any) -> Any:
    """Script a function when it is traced: it is returned as it is."""
    return fn


def _overload(func: Any) -> Any:
    return func


_overload_method = _overload


def isinstance(obj: Any, target_type: Any) -> bool:
    """`isinstance` that also knows `List[int]`, `Dict[...]` and tuples of types.

    >>> import chainrule as torch
    >>> torch.jit.isinstance([1, 2], list[int]), torch.jit.isinstance([1, "a"], list[int])
    (True, False)
    """
    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, t) for t in target_type)
    origin, args = get_origin(target_type), get_args(target_type)
    if origin is None:
        return target_type is Any or builtins.isinstance(obj, target_type)
    if not builtins.isinstance(origin, type):  # Union and Optional
        return any(isinstance(obj, t) for t in args)
    if not builtins.isinstance(obj, origin):
        return False
    if origin is dict:
        return all(isinstance(k, args[0]) and isinstance(v, args[1]) for k, v in obj.items())
    if (origin is tuple and len(args) != 2) or (origin is tuple and args[-1] is not Ellipsis):
        return len(obj) == len(args) and all(map(isinstance, obj, args))
    return all(isinstance(x, args[0]) for x in obj)


def fork(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Future:
    """Call a function and give a future of its result, which is there already.

    >>> import chainrule as torch
    >>> torch.jit.wait(torch.jit.fork(lambda x: x + 1, 1))
    2
    """
    future = Future()
    future.set_result(func(*args, **kwargs))
    return future


def wait(future: Any = None, *, fut: Any = None) -> Any:
    """The result of a future."""
    return (future or fut).wait()


@contextlib.contextmanager
def optimized_execution(should_optimize: bool) -> Any:
    """Nothing changes in this block."""
    yield


@contextlib.contextmanager
def fuser(name: str) -> Any:
    """Nothing changes in this block."""
    yield


class strict_fusion:
    """Nothing changes in this block."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        return None


def enable_onednn_fusion(enabled: bool) -> None:
    """Nothing: there is no fuser."""


def onednn_fusion_enabled() -> bool:
    """Always False."""
    return False


def set_fusion_strategy(strategy: Any) -> list[Any]:
    """Nothing: there is no fuser.  Returns the strategy before, an empty list."""
    return []
