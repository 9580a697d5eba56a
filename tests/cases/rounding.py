"""Rows for rounding, signs and bounds."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import FLOATS, NUMBERS, call, case, error

INF, NAN = np.inf, np.nan
BOOLS = np.array([True, False])
STEPS = [0.0, -0.0, 0.5, 1.5, -0.5, -2.5, 1e20, INF, -INF, NAN]

for _name in ("floor", "ceil", "trunc", "fix"):

    @case(_name, dtypes=NUMBERS, differences=False,
          errors=[*NO_NUMBERS, error(BOOLS, match="not implemented for bool")])  # fmt: skip
    def rounded(m):
        yield from one(m, corners=STEPS if m.floating else [3, -3])


@case(
    "round",
    dtypes=NUMBERS,
    differences=False,
    errors=[*NO_NUMBERS, error(np.arange(3), decimals=1, match="round")],
)
def round(m):
    yield from one(m, corners=STEPS if m.floating else [3, -3])
    if m.floating:
        yield call(m(5), decimals=2)
        yield call(m(5, low=-300, high=300), decimals=-1)


@case(
    "frac",
    differences=False,
    errors=[error(np.arange(3), match="frac"), error(BOOLS, match="frac")],
)
def frac(m):
    yield from one(m, corners=[0.0, -0.0, 0.5, 1.5, -2.5])


for _name in ("sign", "sgn"):

    @case(_name, dtypes=(*NUMBERS, "bool"), differences=False, errors=NO_NUMBERS)
    def sign(m):
        yield from one(m, corners=[0.0, -0.0, INF, -INF, NAN] if m.floating else ())


@case("heaviside", dtypes=NUMBERS, grad=False, errors=NO_BROADCAST + NO_TENSORS)
def heaviside(m):
    yield from two(m)
    yield call(m.array([0, 1, -1]), m.array([5, 5, 5]))


@case("nextafter", grad=False, errors=NO_BROADCAST + NO_TENSORS, reference=np.nextafter)
def nextafter(m):
    yield from two(m)
    yield call(m.array([1.0, 1.0, 0.0, INF]), m.array([1.0, 2.0, 1.0, 0.0]))


CLAMP_ERRORS = [
    error(np.zeros((2, 3)), np.zeros(4), match=r"axis -1 has 3 and 4"),
    error(2.5, 0, kind=TypeError, match="clamp"),
]

for _name in ("clamp", "clip"):

    @case(_name, dtypes=NUMBERS, differences=False, errors=[
        *CLAMP_ERRORS, error(np.zeros(3), match="At least one of"),
    ])  # fmt: skip
    def clamp(m):
        yield from one(m, min=-1, max=1)
        yield from one(m, min=0)
        yield call(m(5), max=1.5)
        yield call(m(5), m(5), m(5))
        yield call(m(2, 5), min=m(5))
        yield call(m(2, 5), max=m(2, 1))
        yield call(m(5), 2, -2)
        yield call(m.array([-1, 0, 1, 2]), -1, 1)
        yield call(m.array([0, 1, 2]), m.array([0, 1, 3]), m.array([0, 2, 3]))
        if m.floating:
            yield call(m.array([INF, -INF, NAN]), -1, 1)


@case("clamp_min", dtypes=NUMBERS, differences=False, errors=CLAMP_ERRORS)
def clamp_min(m):
    yield from two(m)
    yield call(m.array([0, 1, 2]), 1)


@case("clamp_max", dtypes=NUMBERS, differences=False, errors=CLAMP_ERRORS)
def clamp_max(m):
    yield from two(m)
    yield call(m.array([0, 1, 2]), 1)


@case("nan_to_num", dtypes=NUMBERS, errors=NO_NUMBERS)
def nan_to_num(m):
    yield from one(m)
    if m.floating:
        yield call(m.array([INF, -INF, NAN, 1.0]))
        yield call(m.array([INF, -INF, NAN, 1.0]), 1.0, 2.0, -3.0)


@case("frexp", dtypes=FLOATS, differences=False, second=False, errors=[
    error(np.arange(3), match="only supports floating-point"),
    error(BOOLS, match="only supports floating-point"),
])  # fmt: skip
def frexp(m):
    yield from one(m, corners=[0.0, 1.0, -0.5, 1e10])


@case("ldexp", errors=NO_BROADCAST + NO_TENSORS, grad=True)
def ldexp(m):
    yield from two(m)
