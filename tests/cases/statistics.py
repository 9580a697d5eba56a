"""Rows for statistics: variance, correlation, quantiles, histograms, norms and distances."""

import numpy as np

from table import call, case, const, error

OUT = error(np.zeros((2, 3)), 2, kind=IndexError, match=r"Dimension out of range")
INTEGERS = error(np.arange(3), match="only support floating point")


def spreads(m):
    yield call(m(3, 4))
    yield call(m(3, 4), 0)
    yield call(m(3, 4), -1, False)
    yield call(m(3, 4), False)
    yield call(m(3, 4), 1, True, True)
    yield call(m(2, 3, 4), (0, 2))
    yield call(m(2, 3, 4), dim=(0, 2), correction=0, keepdim=True)
    yield call(m(3, 4), dim=1, correction=2)
    yield call(m(3, 4), unbiased=False)
    yield call(m(4, 3).T, 0)
    yield call(m(6)[::-1])
    yield call(m(6)[::2])
    yield call(m.array([1e4, 1e4 + 1, 1e4 + 2]))


@case("var", errors=[OUT, INTEGERS])
def var(m):
    yield from spreads(m)


@case("std", errors=[OUT, INTEGERS], differences=False)
def std(m):
    yield from spreads(m)
    yield call(m.array([[2, 2, 2], [1, 2, 3]]), 1)


@case("var_mean", errors=[OUT, INTEGERS])
def var_mean(m):
    yield from spreads(m)


@case("std_mean", errors=[OUT, INTEGERS])
def std_mean(m):
    yield from spreads(m)


MATRIX = error(np.zeros((2, 2, 2)), match="two or fewer dimensions")


@case("cov", errors=[MATRIX, error(np.zeros(3), fweights=np.zeros(3), match="integral")])
def cov(m):
    repeats = const(np.array([1, 2, 3, 1]))
    worth = np.array([0.5, 1.0, 2.0, 1.5]).astype(m.dtype)
    for x in (m(3, 4), m(4), m(1, 4), m(4, 3).T, m(6)[::-1], m(3, 8)[:, ::2]):
        yield call(x)
    yield call(m(3, 4), correction=0)
    yield call(m(3, 4), fweights=repeats)
    yield call(m(3, 4), aweights=worth)
    yield call(m(3, 4), fweights=repeats, aweights=worth)
    yield call(m(3, 4), fweights=repeats, aweights=worth, correction=0)
    yield call(m(2, 5), correction=2)


@case(
    "corrcoef",
    errors=[MATRIX, error(np.zeros((2, 2)), 1, kind=TypeError, match="argument")],
    differences=False,
)
def corrcoef(m):
    for x in (m(3, 4), m(2, 4), m(4, 5), m(4, 3).T, m(3, 8)[:, ::2], m(2, 6)[:, ::-1]):
        yield call(x)
    for x in (m(3, 6), m(2, 7), m(5, 6), m(3, 5), m(6, 4).T, m(2, 3)):
        yield call(x)


QUANTILE = [
    error(np.arange(3), 0.5, match="float or double"),
    error(np.zeros(3), 1.5, match=r"range \[0, 1\]"),
    error(np.zeros(3), 0.5, interpolation="cubic", match="interpolation must be"),
]


def quantiles(m):
    q = const(np.array([0.1, 0.5, 1.0]).astype(m.dtype))
    yield call(m(7), 0.3)
    yield call(m(3, 4), 0.5)
    yield call(m(3, 4), 0.3, 0)
    yield call(m(3, 4), 0.3, -1, True)
    yield call(m(3, 4), q, 1)
    yield call(m(3, 4), q, 0, keepdim=True)
    yield call(m(2, 3, 4), q, 1)
    yield call(m(2, 3, 4), 0.7, keepdim=True)
    yield call(m(), 0.5)
    yield call(m(4, 3).T, 0.2, 0)
    yield call(m(6)[::-1], 0.2)
    yield call(m(6)[::2], 0.0)
    for how in ("lower", "higher", "midpoint", "nearest"):
        yield call(m(3, 5), q, 1, interpolation=how)


@case("quantile", errors=QUANTILE, differences=False, second=False)
def quantile(m):
    yield from quantiles(m)


@case("nanquantile", errors=QUANTILE, differences=False, second=False)
def nanquantile(m):
    yield from quantiles(m)
    yield call(m.array([[1, np.nan, 3, 2], [np.nan, np.nan, np.nan, np.nan]]), 0.4, 1)


@case(
    "bincount",
    dtypes=("int64",),
    grad=False,
    errors=[
        error(np.zeros(3), match="not implemented"),
        error(np.array([-1, 2]), match="non-negative"),
    ],
)
def bincount(m):
    n = m.index(7, size=5)
    yield call(n)
    yield call(n, minlength=9)
    yield call(n, const(np.linspace(0, 1, 7)))
    yield call(n, const(np.linspace(0, 1, 7).astype(np.float32)))
    yield call(n, const(np.arange(7)))
    for size in (1, 2, 3, 4, 5, 6):
        yield call(m.index(size, size=size))
    yield call(m(0))
    yield call(m(0), minlength=2)


@case(
    "histc",
    grad=False,
    errors=[
        error(np.arange(3), match="not implemented"),
        error(np.zeros(3), 3, 2, 1, match="max must be larger"),
    ],
)
def histc(m):
    yield call(m(9))
    yield call(m(9), 4)
    yield call(m(9), 4, -1, 1)
    yield call(m(9), bins=3, min=0, max=2)
    yield call(m.array([0, 1, 1, 2]), 2, 0, 2)
    yield call(m.array([1, 1]), 3)
    yield call(m.array([1, np.nan]), 3, 0, 2)
    yield call(m(3, 4), 5)
    yield call(m(), 5)
    yield call(m(4, 3).T, 5)
    yield call(m(6)[::-1], 5)
    yield call(m(6)[::2], 5)


@case(
    "histogram",
    grad=False,
    errors=[
        error(np.zeros(3), 0, match="bins must be > 0"),
        error(np.zeros(3), 2, range=(2.0, 1.0), match="min should not exceed max"),
    ],
)
def histogram(m):
    edges = const(np.array([-1, 0, 0.5, 2]).astype(m.dtype))
    yield call(m(9), 4)
    yield call(m(9), edges)
    yield call(m(9), edges, density=True)
    yield call(m(9), 3, range=(-1.0, 1.0))
    yield call(m(4), 3, weight=const(np.arange(4).astype(m.dtype)))
    yield call(m.array([0, 1, 1, 2]), 2, range=(0.0, 2.0))
    yield call(m.array([1, 1]), 2)
    yield call(m(3, 4), 5)
    yield call(m(), 3)
    yield call(m(4, 3).T, 5)
    yield call(m(6)[::-1], 5)
    yield call(m(6)[::2], 5, density=True)


@case(
    "histogramdd",
    grad=False,
    errors=[
        error(np.zeros((3, 2)), [2], match="innermost dimension"),
        error(np.zeros(3), [2], match="at least 2 dimensions"),
    ],
)
def histogramdd(m):
    edges = const(np.array([-1, 0, 0.5, 2]).astype(m.dtype))
    yield call(m(9, 2), [2, 3])
    yield call(m(9, 2), 2)
    yield call(m(9, 2), [edges, edges])
    yield call(m(9, 2), [edges, edges], density=True)
    yield call(m(9, 2), [2, 2], range=[-1.0, 1.0, -2.0, 2.0])
    yield call(m(4, 1), [3])
    yield call(m(4, 1), [3], weight=const(np.arange(4).astype(m.dtype)))
    yield call(m(4, 3), [2, 1, 2])
    yield call(m(2, 4, 2), [2, 2])
    yield call(m(2, 5).T, [2, 2])
    yield call(m(6, 2)[::-1], [2, 2])
    yield call(m(6, 2)[::2], [2, 2])


@case(
    "norm",
    errors=[
        error(np.arange(3), match="floating point or complex"),
        error(np.zeros((2, 2)), "x", match="not supported"),
    ],
    differences=False,
)
def norm(m):
    yield call(m(3, 4))
    yield call(m(3, 700), 2, None, True)
    yield call(m(3, 4), "fro", (0, 1))
    yield call(m(3, 4), 2, 0)
    yield call(m(3, 4), 1, 1, True)
    yield call(m(3, 4), 3, 1)
    yield call(m(3, 4), 1.5, dim=0)
    yield call(m(3, 4), 0.5, dim=0)
    yield call(m(3, 4), 0)
    yield call(m(3, 4), float("inf"), 1)
    yield call(m(3, 4), -float("inf"), 0)
    yield call(m())
    yield call(m(0))
    yield call(m.array([[0, 0], [3, 4]]), 2, 1)
    yield call(m(4, 3).T, 2, 0)
    yield call(m(6)[::-1])
    yield call(m(6)[::2], 3)


@case(
    "dist",
    errors=[
        error(np.zeros(3), np.zeros(2), match="3 and 2"),
        error(np.arange(3), np.arange(3), match="floating point"),
    ],
    differences=False,
)
def dist(m):
    x = m(3)
    for p in (0, 0.5, 1, 2, 3, float("inf")):
        yield call(m(3, 4), m(3, 4), p)
    yield call(m(3, 4), m(4))
    yield call(m(), m())
    yield call(x, x)
    yield call(m(4, 3).T, m(3, 4))
    yield call(m(6)[::-1], m(6))
    yield call(m(6)[::2], m(3))


@case(
    "cdist",
    errors=[
        error(np.zeros((2, 3)), np.zeros((2, 4)), match="same number of columns"),
        error(np.zeros(3), np.zeros((2, 3)), match="at least 2D"),
    ],
    differences=False,
)
def cdist(m):
    for p in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, float("inf")):
        yield call(m(3, 4), m(2, 4), p)
    yield call(m(2, 3, 4), m(2, 2, 4))
    yield call(m(2, 3, 4), m(5, 4))
    yield call(m(0, 4), m(2, 4))
    yield call(m(3, 0), m(2, 0))
    yield call(m(30, 2), m(2, 2))
    yield call(m(4, 3).T, m(2, 4))
    yield call(m(3, 4)[::-1], m(4, 4)[::2])
    yield call(m.array([[1, 2]]), m.array([[1, 2], [2, 2]]))


@case(
    "renorm",
    errors=[
        error(np.zeros(3), 2, 0, 1, match="at least 2 dimensions"),
        error(np.zeros((3, 3)), -1, 0, 1, match="non-positive-norm"),
    ],
    differences=False,
)
def renorm(m):
    yield call(m(3, 4), 2, 0, 1.5)
    yield call(m(3, 4), 2, 1, 100.0)
    yield call(m(3, 4), 1, 0, 2.0)
    yield call(m(3, 4), 3, -1, 2.0)
    yield call(m(3, 4), float("inf"), 0, 1.0)
    yield call(m(2, 3, 4), 2, 1, 1.0)
    yield call(m(4, 3).T, 2, 0, 1.0)
    yield call(m(3, 4)[::-1], 2, 0, 1.0)
    yield call(m(3, 8)[:, ::2], 2, 0, 1.0)
    yield call(m.array([[3, 4], [0, 1]]), 2, 0, 0.5)
    yield call(m(3, 4), p=2, dim=0, maxnorm=0.0)
    yield call(m(1, 1), 2, 0, 0.5)
