"""Rows for powers, roots, exponentials and logarithms."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import ALL, FLOATS, NUMBERS, call, case, error

INF, NAN = np.inf, np.nan


def row(name, low, high, corners):
    """A function of one argument, smooth between `low` and `high`."""

    @case(name, dtypes=ALL, errors=NO_NUMBERS)
    def samples(m):
        yield from one(m, low, high, corners if m.floating else ())


for _name in ("exp", "exp2", "expm1"):
    row(_name, -3, 3, [0.0, 1e-9, 2000.0, -2000.0, INF, -INF, NAN])
for _name in ("log", "log2", "log10", "sqrt", "rsqrt"):
    row(_name, 0.2, 5, [0.0, 1.0, -1.0, 1e-30, INF, NAN])
row("log1p", -0.8, 3, [0.0, 1e-9, -1.0, -2.0, INF, NAN])


@case("logaddexp", dtypes=FLOATS, errors=NO_BROADCAST + NO_TENSORS, reference=np.logaddexp)
def logaddexp(m):
    yield from two(m)
    yield call(m.array([1000.0, -1000.0, 0.0, NAN]), m.array([1000.0, 1000.0, -INF, 1.0]))


@case("logaddexp2", dtypes=FLOATS, errors=NO_BROADCAST + NO_TENSORS, reference=np.logaddexp2)
def logaddexp2(m):
    yield from two(m)
    yield call(m.array([2000.0, -2000.0, 0.0, NAN]), m.array([2000.0, 2000.0, -INF, 1.0]))


@case(
    "square",
    dtypes=NUMBERS,
    reference=np.square,
    errors=[
        error("a", kind=TypeError, match="str"),
        error(None, kind=TypeError, match="NoneType"),
    ],
)
def square(m):
    yield from one(m, corners=[0.0, -1.0, 1e30, INF, NAN] if m.floating else [0, -5])


INTEGERS = np.arange(1, 4)
POWER_ERRORS = [
    *NO_BROADCAST,
    error(2, 3, kind=TypeError, match="pow"),
]


@case(
    "pow",
    errors=[*POWER_ERRORS, error(INTEGERS, -1, match="Integers to negative integer powers")],
)
def pow(m):
    yield from two(m, 0.3, 3)
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5, 4):
        yield call(m(4, low=0.3, high=3), exponent)
    yield call(m(4), 2)
    yield call(m(4), 3)
    yield call(2.5, m(3))
    yield call(m.array([0.0, 1.0, -2.0, INF, NAN]), 0)
    yield call(m.array([0.0, 1.0, -2.0, INF, NAN]), 2)
    yield call(m.array([0.0, 1.0, 4.0, INF, NAN]), 0.5)
    yield call(m.array([0.0, 0.0, 0.0, -2.0, INF]), m.array([0.0, 2.0, 1.0, 3.0, 0.0]))


@case("Tensor.__pow__", dtypes=("int64",), grad=False, errors=[
    error(INTEGERS, -1, match="Integers to negative integer powers"),
    error(INTEGERS, np.arange(4), match="axis -1 has 3 and 4"),
])  # fmt: skip
def power_of_integers(m):
    yield from two(m, 0, 4)
    yield call(m(4), 2)
    yield call(m.array([1, -1, 2, -2]), m.array([-1, -1, -1, 3]))


@case("float_power", errors=POWER_ERRORS, dtypes=NUMBERS)
def float_power(m):
    yield from two(m, 1, 4)
    yield call(m(3, low=1, high=4), -1)
    yield call(2, m(3))
