"""Rows for scans and calculus on samples."""

import numpy as np

from table import ALL, NUMBERS, call, case, error

OUT = error(np.zeros((2, 3)), 2, kind=IndexError, match=r"Dimension out of range")
LOW = error(np.zeros(3), -2, kind=IndexError, match=r"Dimension out of range")


def forms(m):
    yield call(m(5), 0)
    yield call(m(3, 4), 0)
    yield call(m(3, 4), -1)
    yield call(m(2, 3, 4), 1)
    yield call(m(), 0)
    yield call(m(0), 0)
    yield call(m(0, 3), 1)
    yield call(m(1), 0)
    yield call(m(4, 3).T, 0)
    yield call(m(6)[::-1], 0)
    yield call(m(6)[::2], 0)
    yield call(m.array([1, 3, 3, 2, 3]), 0)


@case("cumsum", dtypes=ALL, errors=[OUT, LOW])
def cumsum(m):
    yield from forms(m)
    yield call(m(3, 300), 0)
    yield call(m(4), 0, dtype="dtype:float64")


@case("cumprod", dtypes=ALL, errors=[OUT, LOW])
def cumprod(m):
    yield from forms(m)
    yield call(m.array([2, 0, 3, 4]), 0)
    yield call(m.array([2, 0, 3, 0, 4]), 0)
    yield call(m(4), 0, dtype="dtype:float64")
    yield call(m(300, low=0.9, high=1.1), 0)


@case("logcumsumexp", errors=[OUT, error(np.arange(3), 0, match="not implemented")])
def logcumsumexp(m):
    yield from forms(m)
    yield call(m.array([1000, 1000, -1000]), 0)


@case("cummax", dtypes=ALL, differences=False, errors=[OUT, LOW])
def cummax(m):
    yield from forms(m)
    if m.floating:
        yield call(m.array([1, np.nan, 2, np.nan]), 0)


@case("cummin", dtypes=ALL, differences=False, errors=[OUT, LOW])
def cummin(m):
    yield from forms(m)
    if m.floating:
        yield call(m.array([1, np.nan, 2, np.nan]), 0)


@case(
    "diff",
    dtypes=ALL,
    errors=[
        error(np.zeros(()), match="at least one-dimensional"),
        error(np.zeros(3), -1, match="non-negative"),
    ],
)
def diff(m):
    yield call(m(5))
    yield call(m(3, 4))
    yield call(m(3, 4), 1, 0)
    yield call(m(3, 4), 2)
    yield call(m(3, 4), 7)
    yield call(m(3, 4), 0)
    yield call(m(0))
    yield call(m(1))
    yield call(m(4, 3).T)
    yield call(m(6)[::-1])
    yield call(m(6)[::2])
    yield call(m(3, 4), 1, -1, m(3, 1), m(3, 2))
    yield call(m(3), prepend=m(2))


AREA = [
    error(np.zeros(3), np.zeros(4), match="one `x` value"),
    error(np.zeros(3), dim=1, kind=IndexError, match="Dimension out of range"),
]


def area_forms(m):
    yield call(m(5))
    yield call(m(3, 4))
    yield call(m(3, 4), dim=0)
    yield call(m(3, 4), dx=0.5)
    yield call(m(3, 4), m(4))
    yield call(m(3, 4), m(3), dim=0)
    yield call(m(3, 4), m(3, 4))
    yield call(m(2, 3, 4), m(3, 4), dim=-1)
    yield call(m(1))
    yield call(m(4, 3).T)
    yield call(m(6)[::-1])
    yield call(m(6)[::2], m(3))


@case("trapezoid", errors=AREA)
def trapezoid(m):
    yield from area_forms(m)
    yield call(m(0))


@case("trapz", errors=AREA)
def trapz(m):
    yield from area_forms(m)


@case("cumulative_trapezoid", errors=AREA)
def cumulative_trapezoid(m):
    yield from area_forms(m)


@case(
    "gradient",
    dtypes=NUMBERS,
    errors=[
        error(np.zeros(1), match="edge_order\\+1"),
        error(np.zeros(4), edge_order=3, match="edge_order=1 and edge_order=2"),
    ],
)
def gradient(m):
    yield call(m(5))
    yield call(m(2))
    yield call(m(3, 4))
    yield call(m(3, 4), dim=0)
    yield call(m(3, 4), dim=(1,))
    yield call(m(3, 4), spacing=0.5)
    yield call(m(3, 4), spacing=[0.5, 2.0])
    yield call(m(3, 4), edge_order=2)
    yield call(m(4, 3).T)
    yield call(m(6)[::-1])
    yield call(m(6)[::2])
    yield call(m(2, 3, 4), dim=(0, 2), spacing=[2.0, 3.0])
