"""The workers as the main process sees them: `put` a task, `get` an answer, `close`."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
import warnings
from multiprocessing import connection as connections
from typing import Any

from chainrule.errors import ArgumentError, ChainruleError
from chainrule.utils.data.transport import close, receive, send
from chainrule.utils.data.worker import Plan, process_main, thread_main

PATIENCE = 5.0  # seconds that a worker gets to finish its batch before it is killed


class WorkerError(ChainruleError, RuntimeError):
    """A worker died, or did not answer in time."""


def late(timeout: float) -> WorkerError:
    return WorkerError(f"DataLoader timed out after {timeout} seconds",
                       fix="Raise timeout=, or look for what blocks the workers.")  # fmt: skip


class Processes:
    """Worker processes, each with a connection of its own."""

    def __init__(self, plan: Plan, context: Any, states: dict[int, Any]) -> None:
        self.owner = os.getpid()
        self.processes: list[Any] = []
        self.connections: list[Any] = []
        forks = context.get_start_method() == "fork"
        try:
            for number in range(plan.count):
                mine, its = context.Pipe(duplex=True)
                strangers = [*self.connections, mine] if forks else []
                process = context.Process(
                    target=process_main,
                    args=(its, plan, number, states.get(number), strangers),
                    daemon=True,
                )
                self.connections.append(mine)
                with warnings.catch_warnings():
                    # Python warns of forking beside threads; the child uses none of ours.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    process.start()
                self.processes.append(process)
                its.close()
        except BaseException:
            self.close()
            raise
        self.numbers = {c: i for i, c in enumerate(self.connections)}
        self.ready: list[Any] = []

    def put(self, worker: int, task: Any) -> None:
        with contextlib.suppress(OSError):  # one that died is reported by get()
            send(self.connections[worker], task)

    def get(self, timeout: float) -> tuple[int, Any]:
        """The next answer of any worker, and whose it is."""
        while not self.ready:
            self.ready = connections.wait(list(self.numbers), timeout or None)
            if not self.ready:
                raise late(timeout)
        connection = self.ready.pop()
        worker = self.numbers[connection]
        try:
            return worker, receive(connection)
        except (EOFError, OSError):
            raise self.death_of(worker) from None

    def death_of(self, worker: int) -> WorkerError:
        process = self.processes[worker]
        process.join(PATIENCE)
        code = process.exitcode
        how = f"with exit code {code}"
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                how = f"it is killed by signal: {signal.Signals(-code).name}"
        return WorkerError(
            f"DataLoader worker (pid(s) {process.pid}) exited unexpectedly: {how}",
            fix="If memory ran out, use fewer workers; num_workers=0 shows errors where they are.",
        )

    def close(self) -> None:
        """End all workers; each may finish the batch it is at."""
        if os.getpid() != self.owner:  # a copy of this object in a forked child
            return
        for connection in self.connections:
            close(connection)
        end = time.monotonic() + PATIENCE
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.terminate()
                process.join(1.0)
            if process.is_alive():
                process.kill()
                process.join()
        self.processes = []


class Threads:
    """Worker threads: they share the dataset, and nothing is copied."""

    def __init__(self, plan: Plan) -> None:
        self.tasks: list[Any] = [queue.SimpleQueue() for _ in range(plan.count)]
        self.answers: Any = queue.SimpleQueue()
        for number, tasks in enumerate(self.tasks):
            give = lambda message, n=number: self.answers.put((n, message))
            threading.Thread(target=thread_main, args=(tasks.get, give, plan, number),
                             name=f"DataLoader-{number}", daemon=True).start()  # fmt: skip

    def put(self, worker: int, task: Any) -> None:
        self.tasks[worker].put(task)

    def get(self, timeout: float) -> tuple[int, Any]:
        try:
            return self.answers.get(timeout=timeout or None)  # type: ignore[no-any-return]
        except queue.Empty:
            raise late(timeout) from None

    def close(self) -> None:
        for tasks in self.tasks:
            with contextlib.suppress(queue.Empty):
                while True:
                    tasks.get_nowait()
            tasks.put(None)


def check_context(context: Any, workers: int) -> Any:
    """The argument `multiprocessing_context`, made into a context, or "thread"."""
    if context is None or context == "thread":
        return context
    if isinstance(context, str):
        known = multiprocessing.get_all_start_methods()
        if workers and context not in known:
            raise ArgumentError(
                "multiprocessing_context option should specify a valid start method in "
                f"{known!r}, or 'thread', but got multiprocessing_context={context!r}"
            )
        context = multiprocessing.get_context(context) if workers else context
    elif not isinstance(context, multiprocessing.context.BaseContext):
        raise ArgumentError(
            "multiprocessing_context option should be a valid context object or a string "
            f"specifying the start method, but got multiprocessing_context={context}"
        )
    if not workers:
        raise ArgumentError(
            "multiprocessing_context can only be used with multi-process loading "
            f"(num_workers > 0), but got num_workers={workers}"
        )
    return context


def start(plan: Plan, context: Any, states: dict[int, Any]) -> Any:
    """The workers of one DataLoader."""
    if context == "thread":
        return Threads(plan)
    return Processes(plan, context or multiprocessing.get_context(), states)
