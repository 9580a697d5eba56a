"""Rows for arithmetic."""

import numpy as np
from table import NUMBERS, case, call, error


@case(
    "add",
    dtypes=NUMBERS,
    reference=lambda x, y, alpha=1: x + alpha * y,
    errors=[
        error(np.zeros((2, 3)), np.zeros(4), match=r"axis -1 has 3 and 4"),
        error(np.zeros(2), "a", kind=TypeError, match="number or a tensor"),
    ],
)
def add(m):
    yield call(m(3, 4), m(3, 4))
    yield call(m(3, 4), m(4))
    yield call(m(3, 1), m(4))
    yield call(m(2, 1, 3), m(4, 1))
    yield call(m(), m())
    yield call(m(3), m())
    yield call(m(0), m(1))
    yield call(m(0, 3), m(3))
    yield call(m(4, 3).T, m(3, 4))
    yield call(m(6)[::-1], m(6))
    yield call(m(6)[::2], m(3))
    yield call(m(3), 2)
    yield call(m(3), m(3), alpha=2)
    x = m(3)
    yield call(x, x)
    if m.floating:
        yield call(m.array([np.inf, -np.inf, np.nan, 1e30]), m(4))
