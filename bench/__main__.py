"""`python -m bench`: a table (workload, ours, peer, ratio, spread), and JSON.

Ours and the peer run in turn, many short rounds each; figures are medians over the rounds, the
ratio is the median of the ratios of neighbouring rounds, the spread their 10th to 90th percentile.
Rows against torch appear where torch is installed.  Nothing here asserts anything: machines differ.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Two libraries share the cores here: without this, the one that has just run keeps its waiting
# threads spinning while the other is measured.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from bench import workloads


def seconds(run: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def compare(ours: Callable[[], Any], peer: Callable[[], Any], quick: bool) -> dict[str, float]:
    """Medians and ratio of two functions that do the same work, run in turn."""
    for _ in range(3):
        ours()
        peer()
    once = max(seconds(ours, 1), seconds(peer, 1))
    budget = 0.4 if quick else 4.0
    times = max(1, int(0.02 / once))
    rounds = max(5, int(budget / (2 * once * times)))
    a, b = [], []
    for _ in range(rounds):
        a.append(seconds(ours, times))
        b.append(seconds(peer, times))
    ratios = sorted(x / y for x, y in zip(a, b, strict=True))
    return {
        "ours_us": statistics.median(a) * 1e6,
        "peer_us": statistics.median(b) * 1e6,
        "ratio": statistics.median(ratios),
        "low": ratios[len(ratios) // 10],
        "high": ratios[-1 - len(ratios) // 10],
        "rounds": rounds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few rounds each, to see it runs")
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--json", default="bench.json", help="where to write the figures")
    args = parser.parse_args()
    torch = importlib.util.find_spec("torch") is not None
    print(f"{'workload':<46} {'peer':<7} {'ours':>11} {'peer':>11} {'ratio':>6}  spread   goal")
    rows = []
    for work in workloads.ALL:
        if args.only not in work.name or (work.peer == "torch" and not torch):
            continue
        if work.memory:
            found = workloads.memory(work)
            unit, shown = "MB", (found["ours_us"], found["peer_us"])
        else:
            found = compare(*work.make(), args.quick)
            unit, shown = "us", (found["ours_us"], found["peer_us"])
        rows.append({"workload": work.name, "peer": work.peer, "goal": work.goal, **found})
        spread = f"{found['low']:.2f}-{found['high']:.2f}"
        print(f"{work.name:<46} {work.peer:<7} {shown[0]:>8.1f} {unit} {shown[1]:>8.1f} {unit} "
              f"{found['ratio']:>6.2f}  {spread:<10} {work.goal:g}")  # fmt: skip
    if not torch:
        print("(torch is not installed: rows against it are left out)")
    out = {"machine": platform.processor() or platform.machine(), "rows": rows}
    Path(args.json).write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
