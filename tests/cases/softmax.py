"""Rows for softmax and its logarithm."""

import numpy as np

from table import call, case, error

ERRORS = [
    error(np.zeros(3), 1, kind=IndexError, match="Dimension out of range"),
    error(np.arange(3), 0, match="not implemented for 'Long'"),
]


def forms(m):
    yield call(m(5), 0)
    yield call(m(3, 4), 0)
    yield call(m(3, 4), 1)
    yield call(m(3, 4), dim=-1)
    yield call(m(2, 3, 4), 1)
    yield call(m(), 0)
    yield call(m(0, 3), 1)
    yield call(m(1), 0)
    yield call(m(4, 3).T, 0)
    yield call(m(6)[::-1], 0)
    yield call(m(6)[::2], 0)
    yield call(m.array([1000, 0, -1000]), 0)
    yield call(m.array([2, 2, 2]), 0)
    yield call(m(3), 0, "dtype:float64")
    yield call(m(2, 100, 6), 2)


@case("softmax", errors=ERRORS)
def softmax(m):
    yield from forms(m)
    yield call(m.array([-np.inf, 0, 1]), 0)


@case("log_softmax", errors=ERRORS)
def log_softmax(m):
    yield from forms(m)
