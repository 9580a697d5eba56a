"""Run a function in several processes, and raise here what one of them raises."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from chainrule.errors import ChainruleError


class ProcessException(ChainruleError, RuntimeError):
    """A process failed; `error_index` and `error_pid` say which."""

    def __init__(self, msg: str, error_index: int, pid: int) -> None:
        super().__init__(msg)
        self.msg, self.error_index, self.error_pid, self.pid = msg, error_index, pid, pid


class ProcessRaisedException(ProcessException):
    """A process raised an error; the message holds its traceback."""


class ProcessExitedException(ProcessException):
    """A process ended with an exit code or a signal."""

    def __init__(self, msg: str, error_index: int, error_pid: int, exit_code: int,
                 signal_name: str | None = None) -> None:  # fmt: skip
        super().__init__(msg, error_index, error_pid)
        self.exit_code, self.signal_name = exit_code, signal_name


def _call(fn: Callable[..., Any], i: int, args: tuple[Any, ...], errors: Any) -> None:
    """What a process does: call the function, and send its error."""
    try:
        fn(i, *args)
    except KeyboardInterrupt:
        pass
    except Exception:
        errors.put(traceback.format_exc())
        sys.exit(1)


class ProcessContext:
    """Processes under way."""

    def __init__(self, processes: list[Any], error_queues: list[Any]) -> None:
        self.processes, self.error_queues = processes, error_queues
        self.sentinels = {p.sentinel: i for i, p in enumerate(processes)}

    def pids(self) -> list[int]:
        """Their process numbers."""
        return [p.pid for p in self.processes]

    def join(self, timeout: float | None = None, grace_period: float | None = None) -> bool:
        """Wait for one or more to end; True when all have.

        Errors: one failed; the others are stopped.
        """
        if not self.sentinels:
            return True
        ready = multiprocessing.connection.wait(self.sentinels.keys(), timeout=timeout)
        failed = None
        for sentinel in ready:
            i = self.sentinels.pop(sentinel)  # type: ignore[call-overload]
            process = self.processes[i]
            process.join()
            if process.exitcode != 0:
                failed = i
                break
        if failed is None:
            return not self.sentinels
        for process in self.processes:
            if process.is_alive():
                process.terminate()
        for process in self.processes:
            process.join()
        self.fail(failed)
        return False

    def fail(self, i: int) -> None:
        """Raise what a process died of."""
        process, errors = self.processes[i], self.error_queues[i]
        if errors.empty():
            code = process.exitcode
            if code < 0:
                name = signal.Signals(-code).name
                raise ProcessExitedException(f"process {i} terminated with signal {name}", i,
                                             process.pid, code, name)  # fmt: skip
            raise ProcessExitedException(f"process {i} terminated with exit code {code}", i,
                                         process.pid, code)  # fmt: skip
        text = f"\n\n-- Process {i} terminated with the following error:\n{errors.get()}"
        raise ProcessRaisedException(text, i, process.pid)


SpawnContext = ProcessContext


def start_processes(fn: Callable[..., Any], args: tuple[Any, ...] = (), nprocs: int = 1,
                    join: bool = True, daemon: bool = False, start_method: str = "spawn",
                    **kwargs: Any) -> Any:  # fmt: skip
    """Call `fn(i, *args)` in `nprocs` processes.

    Returns None when all are done, or with `join=False` a ProcessContext.
    Errors: what a process raises.
    """
    context: Any = multiprocessing.get_context(start_method)
    queues, processes = [], []
    for i in range(nprocs):
        errors = context.SimpleQueue()
        process = context.Process(target=_call, args=(fn, i, args, errors), daemon=daemon)
        process.start()
        queues.append(errors)
        processes.append(process)
    running = ProcessContext(processes, queues)
    if not join:
        return running
    while not running.join():
        pass
    return None


def spawn(fn: Callable[..., Any], args: tuple[Any, ...] = (), nprocs: int = 1, join: bool = True,
          daemon: bool = False, start_method: str = "spawn") -> Any:  # fmt: skip
    """Call `fn(i, *args)` in `nprocs` fresh Python processes.

    Errors: what a process raises; a warning for a start method other than "spawn".
    """
    if start_method != "spawn":
        warnings.warn(
            f"This method only supports start_method=spawn (got: {start_method}).\n"
            "To use a different start_method use: torch.multiprocessing.start_processes(...)",
            FutureWarning,
            stacklevel=2,
        )
    return start_processes(fn, args, nprocs, join, daemon, start_method="spawn")
