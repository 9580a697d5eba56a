"""torch.futures: results that may come later.  They are set by hand; nothing runs meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.errors import ArgumentError


class Future:
    """A result that may come later.

    >>> import chainrule.futures
    >>> f = chainrule.futures.Future()
    >>> g = f.then(lambda done: done.value() + 1)
    >>> f.set_result(2)
    >>> g.wait()
    3
    """

    def __init__(self, *, devices: Any = None) -> None:
        self._done = False
        self._value: Any = None
        self._error: Exception | None = None
        self._callbacks: list[Callable[[Any], None]] = []

    def __class_getitem__(cls, item: Any) -> Any:
        return cls

    def done(self) -> bool:
        """Whether the result, or an error, is here."""
        return self._done

    def set_result(self, result: Any) -> None:
        """Give the result.

        Errors: it was given before.
        """
        self._finish(result, None)

    def set_exception(self, result: Exception) -> None:
        """Give an error instead of a result."""
        self._finish(None, result)

    def _finish(self, value: Any, error: Exception | None) -> None:
        if self._done:
            raise ArgumentError("this Future has its result already")
        self._done, self._value, self._error = True, value, error
        for call in self._callbacks:
            call(self)

    def wait(self) -> Any:
        """The result.

        Errors: it is not here, and nothing is running that could bring it; its own error.
        """
        if not self._done:
            raise ArgumentError("this Future has no result yet, and nothing runs that could set it")
        return self.value()

    def value(self) -> Any:
        """The result."""
        if self._error is not None:
            raise self._error
        return self._value

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Call a function with this future when it is done, or now."""
        if self._done:
            callback(self)
        else:
            self._callbacks.append(callback)

    def then(self, callback: Callable[[Any], Any]) -> Future:
        """A future of what a function makes of this one."""
        out = Future()

        def call(finished: Any) -> None:
            try:
                out.set_result(callback(finished))
            except Exception as error:
                out.set_exception(error)

        self.add_done_callback(call)
        return out


def collect_all(futures: Any) -> Future:
    """A future of the list of all futures."""
    waiting = list(futures)
    out = Future()
    if all(f.done() for f in waiting):
        out.set_result(waiting)
        return out

    def check(_: Any) -> None:
        if not out.done() and all(f.done() for f in waiting):
            out.set_result(waiting)

    for future in waiting:
        future.add_done_callback(check)
    return out


def wait_all(futures: Any) -> list[Any]:
    """The results of all futures."""
    return [f.wait() for f in futures]
