"""Rows for special functions."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import ALL, FLOATS, call, case, error

INF, NAN = np.inf, np.nan


def row(names, low, high, corners, dtypes=ALL, **options):
    """A function of one argument, smooth between `low` and `high`."""
    for name in names.split():

        @case(name, dtypes=dtypes, errors=NO_NUMBERS, **options)
        def samples(m):
            yield from one(m, low, high, corners if m.floating else ())


row("sigmoid special.expit", -3, 3, [0.0, 30.0, -30.0, 2000.0, -2000.0, INF, -INF, NAN])
row("erf special.erf", -3, 3, [0.0, -0.0, 0.5, -1.0, 6.0, -30.0, INF, -INF, NAN])
row("erfc special.erfc", -3, 3, [0.0, 0.5, 9.0, -6.0, INF, -INF, NAN])
row("special.erfcx", -3, 3, [0.0, 30.0, 1e10, INF, NAN], FLOATS)
row("erfinv special.erfinv", -0.9, 0.9, [0.0, 0.5, 0.999, -0.9999, 2.0, NAN], rtol=2e-5)
row("lgamma special.gammaln", 0.3, 9, [1.0, 2.0, 0.0, -1.5, -20.25, 1e4, 1e10, INF, NAN])
row("digamma special.digamma special.psi", 0.3, 9, [1.0, -1.5, -20.25, 1e4, INF, NAN])
row("i0 special.i0", -3, 3, [0.0, 8.0, 9.0, -30.0, NAN], second=False)
row("special.i1", -3, 3, [8.0, 9.0, -30.0, NAN], second=False)
row("special.i0e special.i1e", 0.3, 3, [8.0, 9.0, -30.0, 1e5, NAN], second=False)
row("special.ndtr", -3, 3, [0.0, 9.0, -9.0, INF, -INF, NAN])
row("special.log_ndtr", -3, 3, [0.0, 9.0, -9.0, -30.0], FLOATS)
row("special.ndtri", 0.05, 0.95, [0.5, 0.0, 1.0, 1e-10, 2.0, NAN])
row("special.entr", 0.2, 3, [0.0, 1.0, -1.0, INF, NAN])
row("special.exp2 special.expm1 special.sinc", 0.2, 3, [1.0, -1.0], FLOATS)
row("special.log1p", -0.8, 3, [0.0, -1.0, NAN], FLOATS)

# In float64 torch itself errs by 1e-8 between 5 and 10: see test_special.py.
BESSEL = "bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_i0 modified_bessel_i1"
BESSEL += " modified_bessel_k0 modified_bessel_k1"
BESSEL += " scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0 airy_ai"
for _name in BESSEL.split():
    row(f"special.{_name}", 0.3, 3, [0.0, 2.0, 4.9, 8.0, 10.0, 50.0], ("float32",), grad=False,
        rtol=1e-4, atol=1e-5)  # fmt: skip

POLYNOMIALS = [f"chebyshev_polynomial_{c}" for c in "tuvw"]
POLYNOMIALS += [f"shifted_{name}" for name in POLYNOMIALS]
POLYNOMIALS += ["hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l",
                "legendre_polynomial_p"]  # fmt: skip
for _name in POLYNOMIALS:

    @case(f"special.{_name}", dtypes=FLOATS, grad=False, rtol=1e-4, atol=1e-4, errors=[
        error(2, 3, kind=TypeError, match="expected a Tensor"),
        error(np.zeros((2, 3)), np.zeros(4), match=r"axis -1 has 3 and 4"),
    ])  # fmt: skip
    def polynomial(m):
        for degree in (0, 1, 2, 5):
            yield call(m(4, low=-0.9, high=0.9), degree)
        yield call(m(low=-0.9, high=0.9), 3)
        yield call(m(0), 3)
        yield call(m(4, 3, low=-0.9, high=0.9).T, 3)
        yield call(m(6, low=-0.9, high=0.9)[::-1], 4)
        yield call(m(6, low=-0.9, high=0.9)[::2], 4)
        yield call(m(3, 1, low=-0.9, high=0.9), m.array([0, 1, 3]))
        yield call(m(3, low=0.2, high=0.9), -1)
        yield call(m(2, 3, low=0.2, high=0.9), m.array([2, 2, 3]))


for _name in ("logit", "special.logit"):

    @case(_name, dtypes=FLOATS, errors=NO_NUMBERS)
    def logit(m):
        yield from one(m, 0.1, 0.9, [0.0, 1.0, 0.5, 2.0, -1.0, NAN])
        yield call(m(5, low=0.3, high=0.7), eps=0.2)
        yield call(m.array([0.0, 0.1, 0.5, 1.0, 2.0, NAN]), 0.2)


for _name in ("xlogy", "special.xlogy", "special.xlog1py"):

    @case(_name, dtypes=(*FLOATS, "int64"), errors=[
        *NO_BROADCAST, error(2, 3, kind=TypeError, match="expected a Tensor"),
    ])  # fmt: skip
    def xlogy(m):
        yield from two(m, 1, 4)
        yield call(m(3), 2)
        yield call(2, m(3, low=1, high=3))
        if m.floating:
            yield call(m.array([0.0, 0.0, 1.0, 2.0, NAN]), m.array([0.0, 1.0, 0.0, 3.0, 1.0]))


for _name in ("igamma", "igammac", "special.gammainc", "special.gammaincc"):

    @case(_name, dtypes=FLOATS, grad=False, errors=NO_BROADCAST + NO_TENSORS, rtol=1e-4, atol=1e-4)
    def igamma(m):
        yield from two(m, 0.3, 6)
        yield call(m.array([0.0, 1.0, 1.0, 30.0, 200.0]), m.array([1.0, 0.0, INF, 31.0, 190.0]))


@case("special.zeta", dtypes=FLOATS, grad=False, errors=[
    *NO_BROADCAST, error(2, 3, kind=TypeError, match="expected a Tensor"),
])  # fmt: skip
def zeta(m):
    yield from two(m, 1.5, 6)
    yield call(m.array([1.0, 0.5, 2.0, 3.0]), m.array([2.0, 2.0, 0.0, -1.5]))
    yield call(2.0, m(3, low=1, high=3))


for _name in ("mvlgamma", "special.multigammaln"):

    @case(_name, dtypes=FLOATS, errors=[
        error("a", 2, kind=TypeError, match="number or a tensor is needed, not str"),
        error(None, 2, kind=TypeError, match="number or a tensor is needed, not NoneType"),
    ])  # fmt: skip
    def mvlgamma(m):
        yield from one(m, 2, 5, p=2)
        yield call(m(3, low=2, high=5), 1)
        yield call(m(3, low=2, high=5), 4)


for _name in ("polygamma", "special.polygamma"):

    @case(_name, dtypes=FLOATS, second=False, rtol=1e-4, errors=[
        error(-1, np.ones(2), match="does not support negative n"),
        error(1, "a", kind=TypeError, match="number or a tensor is needed, not str"),
    ])  # fmt: skip
    def polygamma(m):
        for n in (0, 1, 2, 4):
            yield call(n, m(4, low=0.5, high=5))
        yield call(1, m(low=0.5, high=5))
        yield call(1, m(0))
        yield call(1, m(4, 3, low=0.5, high=5).T)
        yield call(2, m(6, low=0.5, high=5)[::-1])
        yield call(2, m(6, low=0.5, high=5)[::2])
        yield call(1, m(2, 1, 3, low=0.5, high=5))
        yield call(3, m(2, 0))
        yield call(1, m.array([0.25, 1.0, 50.0]))


@case("special.round", dtypes=FLOATS, grad=False, errors=NO_NUMBERS)
def special_round(m):
    yield from one(m, corners=[0.5, 1.5, -2.5])
