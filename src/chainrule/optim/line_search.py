"""A step length that satisfies the strong Wolfe conditions, by cubic interpolation.

Source: J. Nocedal, S. Wright, Numerical optimization, 2006, algorithms 3.5 and 3.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any


class Point(NamedTuple):
    """What is known after a step of length t: the loss, its gradient and slope along the line."""

    t: float
    loss: float
    gradient: Array
    slope: float


def cubic_minimum(a: Point, b: Point, low: float | None = None, high: float | None = None) -> float:
    """Where the cubic through both points and slopes is smallest, within [low, high]."""
    if low is None or high is None:
        low, high = min(a.t, b.t), max(a.t, b.t)
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    below = b.slope - a.slope + 2 * d2
    least = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / below) if below else math.nan
    return min(max(least, low), high)


def strong_wolfe(
    evaluate: Callable[[float], tuple[float, Array]], t: float, direction: Array, start: Point,
    max_evaluations: int, c1: float = 1e-4, c2: float = 0.9, tolerance: float = 1e-9,
) -> tuple[Point, int]:  # fmt: skip
    """A point that decreases the loss enough and flattens its slope; and the evaluations used."""

    def at(t: float) -> Point:
        loss, gradient = evaluate(t)
        return Point(t, loss, gradient, float(gradient.dot(direction)))

    def too_high(point: Point) -> bool:
        return point.loss > start.loss + c1 * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    largest = float(np.abs(direction).max())
    before, point = start, at(t)
    evaluations, rounds = 1, 0
    bracket: list[Point] = []
    while rounds < max_evaluations:
        if too_high(point) or (rounds > 1 and point.loss >= before.loss):
            bracket = [before, point]
            break
        if flat(point):
            return point, evaluations
        if point.slope >= 0:
            bracket = [before, point]
            break
        low, high = point.t + 0.01 * (point.t - before.t), point.t * 10
        t = cubic_minimum(before, point, low, high)
        before, point = point, at(t)
        evaluations += 1
        rounds += 1
    if not bracket:
        bracket = [start, point]
    stuck = False
    best = 0 if bracket[0].loss <= bracket[1].loss else 1
    while rounds < max_evaluations:
        near, far = sorted(p.t for p in bracket)
        if (far - near) * largest < tolerance:
            break
        t = cubic_minimum(bracket[0], bracket[1])
        margin = 0.1 * (far - near)
        if min(far - t, t - near) < margin:  # too close to an end: keep a distance the second time
            if stuck or t >= far or t <= near:
                t = far - margin if abs(t - far) < abs(t - near) else near + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = at(t)
        evaluations += 1
        rounds += 1
        worst = 1 - best
        if too_high(point) or point.loss >= bracket[best].loss:
            bracket[worst] = point
            best = 0 if bracket[0].loss <= bracket[1].loss else 1
            continue
        done = flat(point)
        if not done and point.slope * (bracket[worst].t - bracket[best].t) >= 0:
            bracket[worst] = bracket[best]
        bracket[best] = point
        if done:
            break
    return bracket[best], evaluations
