"""Rows for order: sort, topk, unique, searchsorted, isin."""

import numpy as np

from table import ALL, NUMBERS, call, case, const, error

OUT = error(np.zeros((2, 3)), 2, kind=IndexError, match=r"Dimension out of range")
LOW = error(np.zeros(3), -2, kind=IndexError, match=r"Dimension out of range")


def forms(m):
    yield call(m(5), stable=True)
    yield call(m(520, 2), dim=0, descending=True, stable=True)
    yield call(m(3, 4), dim=0, stable=True)
    yield call(m(3, 4), dim=-1, descending=True, stable=True)
    yield call(m(2, 3, 4), dim=1, stable=True)
    yield call(m(), dim=0, stable=True)
    yield call(m(0), dim=0, stable=True)
    yield call(m(1), dim=0, stable=True)
    yield call(m(4, 3).T, dim=0, stable=True)
    yield call(m(6)[::-1], dim=0, stable=True)
    yield call(m(6)[::2], dim=0, descending=True, stable=True)
    yield call(m.array([1, 3, 3, 2, 3, 1]), stable=True)
    yield call(m.array([1, 3, 3, 2, 3, 1]), descending=True, stable=True)
    if m.floating:
        yield call(m.array([1, np.nan, -np.inf, np.inf, np.nan]), stable=True)
        yield call(m.array([1, np.nan, -np.inf, np.inf, np.nan]), descending=True, stable=True)


@case("sort", dtypes=ALL, differences=False, errors=[OUT, LOW])
def sort(m):
    yield from forms(m)


@case("argsort", dtypes=ALL, grad=False, errors=[OUT, LOW])
def argsort(m):
    yield from forms(m)


@case(
    "msort",
    dtypes=ALL,
    differences=False,
    errors=[
        error(np.zeros(3), 1, kind=TypeError, match="argument"),
        error(np.zeros(3), descending=True, kind=TypeError, match="argument"),
    ],
)
def msort(m):
    for x in (m(5), m(3, 4), m(2, 3, 4), m(), m(0), m(0, 3), m(1), m(4, 3).T, m(6)[::-1]):
        yield call(x)
    yield call(m(6)[::2])
    yield call(m(3, 1))
    yield call(m(1, 3))


@case(
    "topk",
    differences=False,
    errors=[
        error(np.zeros(3), 4, match="out of range"),
        error(np.zeros(3), 1, 2, kind=IndexError, match="Dimension out of range"),
    ],
)
def topk(m):
    yield call(m(5), 2)
    yield call(m(3, 4), 2, 0)
    yield call(m(3, 4), 3, -1, False)
    yield call(m(3, 4), 4)
    yield call(m(3, 4), 1)
    yield call(m(2, 3, 4), 2, dim=1)
    yield call(m(), 1)
    yield call(m(3), 0)
    yield call(m(4, 3).T, 2)
    yield call(m(6)[::-1], 3)
    yield call(m(6)[::2], 3)
    yield call(m(1500), 5)
    yield call(m(1500), 5, largest=False)


UNIQUE = [
    error(np.zeros((2, 3)), dim=2, kind=IndexError, match="Dimension out of range"),
    error(np.zeros(3), dim=-2, kind=IndexError, match="Dimension out of range"),
]


@case("unique", dtypes=ALL, grad=False, errors=UNIQUE)
def unique(m):
    yield call(m(9))
    yield call(m(3, 4))
    yield call(m(3, 4), return_inverse=True)
    yield call(m(3, 4), return_counts=True)
    yield call(m(3, 4), return_inverse=True, return_counts=True)
    yield call(m.array([[1, 2], [0, 2], [1, 2]]), dim=0)
    yield call(m.array([[1, 2, 1], [0, 2, 0]]), dim=1, return_inverse=True, return_counts=True)
    yield call(m())
    yield call(m(0))
    yield call(m(4, 3).T)
    yield call(m(6)[::-1], return_inverse=True)
    yield call(m(6)[::2], sorted=False)


@case("unique_consecutive", dtypes=ALL, grad=False, errors=UNIQUE)
def unique_consecutive(m):
    x = m.array([1, 1, 2, 2, 1])
    yield call(x)
    yield call(x, return_inverse=True)
    yield call(x, return_counts=True)
    yield call(x, return_inverse=True, return_counts=True)
    yield call(m.array([[1, 2], [1, 2], [0, 2]]), dim=0)
    yield call(m.array([[1, 1, 2], [0, 0, 2]]), dim=1, return_inverse=True, return_counts=True)
    yield call(m.array([[1, 1], [2, 2]]), return_inverse=True)
    yield call(m(0))
    yield call(m(1))
    yield call(m(4, 3).T)
    yield call(x[::-1], return_inverse=True)
    yield call(x[::2])


@case(
    "searchsorted",
    dtypes=NUMBERS,
    grad=False,
    errors=[
        error(np.zeros(3), np.zeros(2), right=True, side="left", match="opposites"),
        error(np.zeros((2, 3)), np.zeros((3, 3)), match="first N-1"),
    ],
)
def searchsorted(m):
    edges = m.array([-1, 0, 0, 2])
    yield call(edges, m(5))
    yield call(edges, m.array([0, 2, -1, 5]))
    yield call(edges, m.array([0, 2, -1, 5]), right=True)
    yield call(edges, m.array([0, 2, -1, 5]), side="right")
    yield call(edges, m.array([0, 2, -1, 5]), out_int32=True)
    yield call(edges, m(3, 4))
    yield call(edges, m())
    yield call(edges, 0)
    yield call(edges, m(0))
    yield call(m(0), m(2))
    yield call(m.array([[0, 1, 2], [3, 4, 5]]), m.array([[1], [4]]))
    yield call(m.array([2, 0, 1]), m(3), sorter=const(np.array([1, 2, 0])))
    yield call(edges, m(4, 3).T)


@case(
    "bucketize",
    dtypes=NUMBERS,
    grad=False,
    errors=[
        error(np.zeros(3), np.zeros((2, 2)), match="must be 1 dimension"),
        error(np.zeros(3), np.zeros(()), match="must be 1 dimension"),
    ],
)
def bucketize(m):
    edges = m.array([-1, 0, 0, 2])
    for x in (m(5), m(), m(0), m(3, 4), m(4, 3).T, m(6)[::-1], m(6)[::2]):
        yield call(x, edges)
    yield call(m.array([0, 2, -1]), edges, right=True)
    yield call(m.array([0, 2, -1]), edges, out_int32=True)
    yield call(m(3), m(0))
    yield call(m(3), m(1))
    yield call(m(1, 1, 2), edges)


@case(
    "isin",
    dtypes=NUMBERS,
    grad=False,
    errors=[
        error(np.zeros(3), kind=TypeError, match="argument"),
        error(np.zeros(3), np.zeros(2), 1, kind=TypeError, match="argument"),
    ],
)
def isin(m):
    test = m.array([1, 2])
    x = m.array([1, 2, 3])
    yield call(x, test)
    yield call(x, test, invert=True)
    yield call(x, test, assume_unique=True)
    yield call(x, 2)
    yield call(2, test)
    yield call(x, m(0))
    yield call(m(0), test)
    yield call(m(3, 4), m(4, 3))
    yield call(m(), test)
    yield call(m(4, 3).T, m(5))
    yield call(x[::-1], test)
    yield call(m(6)[::2], m(6)[::-1])
