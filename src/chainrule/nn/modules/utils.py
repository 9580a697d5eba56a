"""Sizes that may be one number or one per dimension (torch's names for these helpers)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def _ntuple(n: int) -> Callable[[Any], tuple[Any, ...]]:
    """A function that repeats a number n times and leaves a sequence as a tuple."""

    def as_tuple(x: Any) -> tuple[Any, ...]:
        return tuple(x) if isinstance(x, Iterable) and not isinstance(x, str) else (x,) * n

    return as_tuple


_single, _pair, _triple, _quadruple = _ntuple(1), _ntuple(2), _ntuple(3), _ntuple(4)


def _reverse_repeat_tuple(sizes: Any, n: int) -> tuple[Any, ...]:
    """Each of `sizes`, last first, n times: a padding in the order that `F.pad` takes.

    >>> _reverse_repeat_tuple((1, 2), 2)
    (2, 2, 1, 1)
    """
    return tuple(s for s in reversed(sizes) for _ in range(n))
