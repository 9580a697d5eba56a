"""Sets of samples that rows of elementwise functions share."""

from __future__ import annotations

import numpy as np

from table import call, error

NO_NUMBERS = [
    error("a", kind=TypeError, match=r"number or a tensor is needed, not str"),
    error(None, kind=TypeError, match=r"number or a tensor is needed, not NoneType"),
]
NO_BROADCAST = [
    error(np.zeros((2, 3)), np.zeros(4), match=r"axis -1 has 3 and 4"),
    error(np.zeros((2, 3)), np.zeros((3, 3)), match=r"axis -2 has 2 and 3"),
]
NO_TENSORS = [
    error(
        2.5, np.zeros(3), kind=TypeError, match=r"must be Tensor, not float|but expected a Tensor"
    ),
    error(2.5, 3, kind=TypeError, match=r"must be Tensor, not float|but expected a Tensor"),
]


def one(m, low=-3.0, high=3.0, corners=(), **options):
    """Calls with one array: every layout, and `corners`, which are exact values."""
    yield call(m(3, 4, low=low, high=high), **options)
    yield call(m(low=low, high=high), **options)
    yield call(m(1, low=low, high=high), **options)
    yield call(m(0), **options)
    yield call(m(2, 0, 3), **options)
    yield call(m(4, 3, low=low, high=high).T, **options)
    yield call(m(6, low=low, high=high)[::-1], **options)
    yield call(m(6, low=low, high=high)[::2], **options)
    yield call(m(2, 1, 3, low=low, high=high), **options)
    yield call(m(2, 3, 2, low=low, high=high).transpose(1, 2, 0), **options)
    yield call(m(3, 4, low=low, high=high)[1:, ::2], **options)
    yield call(m(7, low=low, high=high), **options)
    if len(corners):
        yield call(m.array(corners), **options)


def two(m, low=-3.0, high=3.0, low2=None, high2=None, **options):
    """Calls with two arrays that broadcast together, in every layout."""
    low2 = low if low2 is None else low2
    high2 = high if high2 is None else high2

    def x(*shape):
        return m(*shape, low=low, high=high)

    def y(*shape):
        return m(*shape, low=low2, high=high2)

    yield call(x(3, 4), y(3, 4), **options)
    yield call(x(3, 4), y(4), **options)
    yield call(x(4), y(3, 4), **options)
    yield call(x(3, 1), y(4), **options)
    yield call(x(2, 1, 3), y(4, 1), **options)
    yield call(x(), y(), **options)
    yield call(x(3), y(), **options)
    yield call(x(), y(3), **options)
    yield call(m(0), y(1), **options)
    yield call(m(0, 3), y(3), **options)
    yield call(x(4, 3).T, y(3, 4), **options)
    yield call(x(6)[::-1], y(6), **options)
    yield call(x(6)[::2], y(3), **options)
