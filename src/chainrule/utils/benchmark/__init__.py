"""torch.utils.benchmark: times of statements, repeated until they are steady."""

from __future__ import annotations

import statistics
import timeit
from time import perf_counter
from typing import Any

import chainrule as torch

__all__ = ["Measurement", "Timer", "timer"]

timer = perf_counter


class Measurement:
    """Times of one statement.

    Attributes: times (seconds per run, one per block), number_per_run, mean, median, iqr.
    """

    def __init__(self, number_per_run: int, raw_times: list[float], stmt: str, label: Any = None,
                 sub_label: Any = None, description: Any = None, num_threads: int = 1,
                 env: Any = None) -> None:  # fmt: skip
        self.number_per_run, self.raw_times, self.stmt = number_per_run, raw_times, stmt
        self.label, self.sub_label, self.description = label, sub_label, description
        self.num_threads, self.env = num_threads, env

    @property
    def times(self) -> list[float]:
        """Seconds per run."""
        return [t / self.number_per_run for t in self.raw_times]

    @property
    def mean(self) -> float:
        """The mean of the times."""
        return statistics.fmean(self.times)

    @property
    def median(self) -> float:
        """The median of the times."""
        return statistics.median(self.times)

    @property
    def iqr(self) -> float:
        """The range of the middle half of the times."""
        times = sorted(self.times)
        return times[int(0.75 * (len(times) - 1))] - times[int(0.25 * (len(times) - 1))]

    @property
    def title(self) -> str:
        """What was measured."""
        return ": ".join(str(t) for t in (self.label or self.stmt, self.sub_label) if t)

    def __repr__(self) -> str:
        value, unit = self.median, "s"
        for name, scale in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
            if value < 1e3 * scale:
                value, unit = value / scale, name
                break
        return (f"<{type(self).__module__}.{type(self).__name__} object>\n{self.title}\n"
                f"  Median: {value:.2f} {unit}\n  {len(self.times)} measurements, "
                f"{self.number_per_run} runs per measurement, {self.num_threads} thread"
                f"{'s' if self.num_threads > 1 else ''}")  # fmt: skip


class Timer:
    """Time a statement, given as text.

    >>> import chainrule as torch
    >>> from chainrule.utils.benchmark import Timer
    >>> t = Timer("x + 1", globals={"x": torch.ones(3)})
    >>> t.timeit(10).number_per_run
    10
    """

    def __init__(self, stmt: str = "pass", setup: str = "pass", global_setup: str = "",
                 timer: Any = timer, globals: Any = None, label: Any = None, sub_label: Any = None,
                 description: Any = None, env: Any = None, num_threads: int = 1,
                 language: Any = "python") -> None:  # fmt: skip
        names = {"torch": torch, **(globals or {})}
        self.timer = timeit.Timer(stmt, setup, timer, names)
        self.facts = (stmt, label, sub_label, description, num_threads, env)
        self.num_threads = num_threads

    def _times(self, number: int) -> float:
        before = torch.get_num_threads()
        torch.set_num_threads(self.num_threads)
        try:
            return self.timer.timeit(number)
        finally:
            torch.set_num_threads(before)

    def timeit(self, number: int = 1000000) -> Measurement:
        """One block of this many runs."""
        self._times(max(number // 100, 2))
        return Measurement(number, [self._times(number)], *self.facts)

    def blocked_autorange(self, callback: Any = None, min_run_time: float = 0.2) -> Measurement:
        """Blocks of runs, each long enough to time well, for at least `min_run_time` seconds."""
        number = 1
        while (spent := self._times(number)) < min_run_time / 1000 and number < 1 << 30:
            number *= 10
        times = [spent]
        while sum(times) < min_run_time:
            times.append(self._times(number))
            if callback is not None:
                callback(number, times[-1])
        return Measurement(number, times, *self.facts)

    def adaptive_autorange(
        self, threshold: float = 0.1, *, min_run_time: float = 0.01, max_run_time: float = 10.0,
        callback: Any = None,
    ) -> Measurement:  # fmt: skip
        """The same, until the spread of the times is a small part of them."""
        found = self.blocked_autorange(callback, min_run_time)
        while found.iqr > threshold * found.median and sum(found.raw_times) < max_run_time:
            found.raw_times.append(self._times(found.number_per_run))
        return found
