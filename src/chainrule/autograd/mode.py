"""What is being recorded: `no_grad`, `enable_grad`, `inference_mode`, `set_grad_enabled`.

One object, `mode`, with one attribute per question; the hot path reads `mode.recording` and
nothing else.  It is thread-local, as in torch: a thread that serves under `no_grad` leaves a
training thread alone.
"""

from __future__ import annotations

import functools
import threading
from sys import _getframe
from typing import Any

from chainrule.graph import user_frame


class Mode(threading.local):
    recording = True  # operations on tensors that require gradients make nodes
    inference = False  # torch.inference_mode
    anomaly = False  # check every gradient for NaN
    cut: Any = None  # (what, where) turned recording off, for the error of backward()
    packing: Any = None  # a function on each new node: `saved_tensors_hooks`
    partial = False  # a backward pass for chosen tensors only is under way
    item: Any = None  # where .item() was last called on a tensor with a graph


mode = Mode()
GENERATOR = 0x20  # the flag of a generator's code


class GradMode:
    """A context manager and decorator that sets `mode.recording`; for generators too."""

    recording = True
    inference: bool | None = None
    what = ""

    def __enter__(self) -> None:
        self._stack: list[Any] = getattr(self, "_stack", [])
        self._stack.append((mode.recording, mode.inference, mode.cut))
        mode.recording = self.recording
        if self.inference is not None:
            mode.inference = self.inference
        if not self.recording:
            mode.cut = (self.what, user_frame(_getframe(1)))

    def __exit__(self, *exc: Any) -> None:
        mode.recording, mode.inference, mode.cut = self._stack.pop()

    def clone(self) -> GradMode:
        return type(self)()

    def __call__(self, function: Any) -> Any:
        if isinstance(function, type):
            cls: Any = function
            cls.__init__ = self(cls.__init__)
            return cls
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & GENERATOR:

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                inner = function(*args, **kwargs)
                resume, sent = inner.send, None
                try:
                    while True:
                        try:
                            with self.clone():
                                value = resume(sent)
                        except StopIteration as end:
                            return end.value
                        try:
                            resume, sent = inner.send, (yield value)
                        except GeneratorExit:
                            raise
                        except BaseException as error:
                            resume, sent = inner.throw, error
                finally:
                    inner.close()

            return generator

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return wrapped


class no_grad(GradMode):
    """Record nothing inside: results do not require gradients.

    >>> import chainrule as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    recording, what = False, "`no_grad()`"

    def __new__(cls, function: Any = None) -> Any:
        self = super().__new__(cls)
        return self if function is None else self(function)


class enable_grad(GradMode):
    """Record inside, also within `no_grad`.

    >>> import chainrule as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad(), torch.enable_grad():
    ...     y = w * 2
    >>> y.requires_grad
    True
    """

    recording = True

    def __new__(cls, orig_func: Any = None) -> Any:
        self = super().__new__(cls)
        return self if orig_func is None else self(orig_func)


class inference_mode(GradMode):
    """Like `no_grad`, and says that results will never be used in a graph.

    >>> import chainrule as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.inference_mode():
    ...     y = w * 2
    >>> y.requires_grad, torch.is_inference_mode_enabled()
    (False, False)
    """

    what = "`inference_mode()`"

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if callable(mode):
            self.recording, self.inference = False, True
            return self(mode)
        self.recording, self.inference = not mode, bool(mode)
        return self

    def __init__(self, mode: Any = True) -> None:
        pass

    def clone(self) -> GradMode:
        return inference_mode(not self.recording)


class set_grad_enabled(GradMode):
    """Turn recording on or off: at once when called, or for the block it opens.

    >>> import chainrule as torch
    >>> with torch.set_grad_enabled(False):
    ...     torch.is_grad_enabled()
    False
    """

    what = "`set_grad_enabled(False)`"

    def __init__(self, mode: bool) -> None:
        self.recording = bool(mode)
        self._stack = [(globals()["mode"].recording, None, globals()["mode"].cut)]
        self._restore = self._stack[0]
        _set_recording(self.recording, user_frame(_getframe(1)))

    def __enter__(self) -> None:
        _set_recording(self.recording, user_frame(_getframe(1)))

    def __exit__(self, *exc: Any) -> None:
        mode.recording, _, mode.cut = self._restore

    def __call__(self, function: Any) -> Any:
        mode.recording, _, mode.cut = self._restore  # as a decorator it acts on calls only
        return super().__call__(function)

    def clone(self) -> GradMode:
        return set_grad_enabled(self.recording)


def _set_recording(recording: bool, where: Any) -> None:
    mode.recording = recording
    mode.cut = None if recording else (set_grad_enabled.what, where)


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return mode.recording


def is_inference_mode_enabled() -> bool:
    """Whether `inference_mode` is on."""
    return mode.inference
