"""Rows for reductions: sums, products, extremes, logic."""

import numpy as np

from table import ALL, NUMBERS, call, case, const, error

TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, -3.0, -1.0]]
OUT = error(np.zeros((2, 3)), 2, kind=IndexError, match=r"Dimension out of range")
TWICE = error(np.zeros((2, 3)), (0, 0), match=r"more than once|multiple times")


def forms(m, many=True, **kwargs):
    """The usual shapes and forms of a reduction."""
    yield call(m(3, 4), **kwargs)
    yield call(m(3, 4), 0, **kwargs)
    yield call(m(3, 4), -1, **kwargs)
    yield call(m(3, 4), 1, True, **kwargs)
    yield call(m(2, 3, 4), dim=1, keepdim=True, **kwargs)
    yield call(m(), **kwargs)
    yield call(m(), 0, **kwargs)
    yield call(m(1, 3), 0, **kwargs)
    yield call(m(4, 3).T, 0, **kwargs)
    yield call(m(6)[::-1], 0, **kwargs)
    yield call(m(3, 8)[:, ::2], 1, **kwargs)
    yield call(m.array(TIES), 1, **kwargs)
    if many:
        yield call(m(2, 3, 4), (0, 2), **kwargs)
        yield call(m(2, 3, 4), (2, 0), keepdim=True, **kwargs)


@case("sum", dtypes=ALL, errors=[OUT, TWICE])
def sum_(m):
    yield from forms(m)
    yield call(m(0))
    yield call(m(0, 3), 0)
    yield call(m(3), dtype="dtype:float64")
    yield call(m(100, 90), 0)
    yield call(m(100, 90), 1)
    yield call(m(100, 90))
    if m.floating:
        yield call(m.array([np.inf, 1, -np.inf]))


@case("mean", errors=[OUT, error(np.arange(3), match="could not infer output dtype")])
def mean(m):
    yield from forms(m)
    yield call(const(m(0)))
    yield call(m(3), dtype="dtype:float64")
    yield call(m(100, 90), 0)


@case("prod", dtypes=ALL, errors=[OUT, error(np.zeros((2, 3)), 5, kind=IndexError, match="range")])
def prod(m):
    yield from forms(m, many=False)
    yield call(m(0))
    yield call(m(0, 3), 0)
    yield call(m.array([0.0, 2.0, 3.0]))
    yield call(m.array([0.0, 2.0, 0.0]))
    yield call(m.array([[0.0, 2.0], [0.0, 0.0], [1.0, 4.0]]), 1)


@case("nansum", dtypes=NUMBERS, errors=[OUT, TWICE], differences=False)
def nansum(m):
    yield from forms(m)
    if m.floating:
        yield call(m.array([[np.nan, 1, 2], [np.nan, np.nan, np.nan]]), 1)


@case("nanmean", errors=[OUT, error(np.arange(3), match="floating point")], differences=False)
def nanmean(m):
    yield from forms(m)
    yield call(m.array([[np.nan, 1, 2], [3, 4, np.nan]]), 1)
    yield call(const(m.array([[np.nan, 1, 2], [np.nan, np.nan, np.nan]])), 1)


@case("all", dtypes=ALL, grad=False, errors=[OUT, TWICE])
def all_(m):
    yield from forms(m)
    yield call(m(0))


@case("any", dtypes=ALL, grad=False, errors=[OUT, TWICE])
def any_(m):
    yield from forms(m)
    yield call(m(0))


@case("count_nonzero", dtypes=ALL, grad=False, errors=[OUT, TWICE])
def count_nonzero(m):
    for x in (m(3, 4), m(), m(0), m(4, 3).T, m(6)[::-1], m(6)[::2], m.array(TIES), m(1)):
        yield call(x)
    yield call(m(3, 4), 0)
    yield call(m(3, 4), -1)
    yield call(m(2, 3, 4), (0, 2))
    yield call(m.array([[0, 1], [0, 0]]), dim=1)


@case("logsumexp", dtypes=NUMBERS, errors=[OUT, TWICE])
def logsumexp(m):
    for sample in forms(m):
        if len(sample.args) > 1 or sample.kwargs:
            yield sample
    yield call(const(m(0, 3)), 0)
    if m.floating:
        yield call(m.array([1000.0, 1000.0]), 0)
        yield call(m.array([-np.inf, 1.0]), 0)


@case("amax", dtypes=ALL, errors=[OUT, TWICE], differences=False)
def amax(m):
    yield from forms(m)
    if m.floating:
        yield call(m.array([[1, np.inf], [-np.inf, 2]]), 1)


@case("amin", dtypes=ALL, errors=[OUT, TWICE], differences=False)
def amin(m):
    yield from forms(m)
    if m.floating:
        yield call(m.array([[1, np.inf], [-np.inf, 2]]), 1)


EMPTY = error(np.zeros((0, 3)), 0, kind=IndexError, match="non-zero size")


@case("max", dtypes=ALL, errors=[OUT, EMPTY, error(np.zeros(0), match="numel")], differences=False)
def max_(m):
    yield from forms(m, many=False)
    yield call(m(3), m(3))
    yield call(m(3, 1), m(2))
    yield call(m.array(TIES))
    if m.floating:
        yield call(m.array([1, np.nan, 2, np.nan]))
        yield call(m.array([[1, np.nan], [np.inf, 2]]), 1)


@case("min", dtypes=ALL, errors=[OUT, EMPTY, error(np.zeros(0), match="numel")], differences=False)
def min_(m):
    yield from forms(m, many=False)
    yield call(m(3), m(3))
    yield call(m(3, 1), m(2))
    yield call(m.array(TIES))
    if m.floating:
        yield call(m.array([1, np.nan, 2, np.nan]))


@case(
    "aminmax",
    dtypes=ALL,
    differences=False,
    errors=[
        error(np.zeros(0), match="empty dimension"),
        error(np.zeros(2), dim=3, kind=IndexError, match="Dimension out of range"),
    ],
)
def aminmax(m):
    for x in (m(3, 4), m(), m(6)[::-1], m(6)[::2], m(4, 3).T, m.array(TIES), m(1)):
        yield call(x)
    yield call(m(3, 4), dim=0)
    yield call(m(3, 4), dim=-1, keepdim=True)
    yield call(m.array(TIES), dim=1)
    yield call(m(4, 3).T, dim=0)
    yield call(m(), dim=0)


def arg_forms(m):
    yield from forms(m, many=False)
    yield call(m.array(TIES))
    yield call(m(3, 4), None, True)
    if m.floating:
        yield call(m.array([1, np.nan, 2, np.nan]))
        yield call(m.array([[np.inf, np.inf], [-np.inf, -np.inf]]), 1)


ARG = [OUT, EMPTY, error(np.zeros(3, bool), match="bool")]


@case("argmax", dtypes=NUMBERS, grad=False, errors=ARG)
def argmax(m):
    yield from arg_forms(m)


@case("argmin", dtypes=NUMBERS, grad=False, errors=ARG)
def argmin(m):
    yield from arg_forms(m)


MEDIAN = [OUT, EMPTY, error(np.zeros(3, bool), match="not implemented")]


@case("median", errors=MEDIAN, differences=False)
def median(m):
    yield from forms(m, many=False)
    yield call(m(0))
    yield call(m.array([1, 2, 2, 3]))
    yield call(m.array([1, np.nan, 2]))
    yield call(m.array([[1, np.nan, 2], [3, 1, 2]]), 1)


@case("nanmedian", errors=MEDIAN, differences=False)
def nanmedian(m):
    yield from forms(m, many=False)
    yield call(m.array([1, 2, 2, 3]))
    yield call(m.array([1, np.nan, 2]))
    yield call(m.array([[1, np.nan, 2], [3, 1, 2], [np.nan, np.nan, np.nan]]), 1)


@case("mode", dtypes=ALL, differences=False, errors=[OUT, EMPTY])
def mode(m):
    yield from forms(m, many=False)
    yield call(m.array([3, 1, 3, 1, 2]))


@case(
    "kthvalue",
    dtypes=NUMBERS,
    differences=False,
    errors=[
        error(np.zeros(3), 4, match="out of range"),
        error(np.zeros(3), 1, 2, kind=IndexError, match="Dimension out of range"),
    ],
)
def kthvalue(m):
    yield call(m(5), 2)
    yield call(m(3, 4), 1)
    yield call(m(3, 4), 2, 0)
    yield call(m(3, 4), 4, -1, True)
    yield call(m(2, 3, 4), 2, dim=1, keepdim=True)
    yield call(m(), 1)
    yield call(m(4, 3).T, 2)
    yield call(m(6)[::-1], 3)
    yield call(m(6)[::2], 3)
    yield call(m.array([2, 1, 2, 1, 3, 1, 2]), 3)
    yield call(m.array([3, 3, 3, 3]), 2)
    yield call(m(1), 1)
