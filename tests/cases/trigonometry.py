"""Rows for trigonometric and hyperbolic functions."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import ALL, FLOATS, call, case, error

INF, NAN = np.inf, np.nan


def row(name, low, high, corners):
    """A function of one argument, smooth between `low` and `high`."""

    @case(name, dtypes=ALL, errors=NO_NUMBERS)
    def samples(m):
        yield from one(m, low, high, corners if m.floating else ())


LINE = [0.0, -0.0, 1e-9, INF, -INF, NAN, 90.0]
for _name in ("sin", "cos", "sinh", "cosh", "tanh", "atan", "arctan", "asinh", "arcsinh"):
    row(_name, -3, 3, LINE)
row("tan", -1.4, 1.4, [0.0, -0.0, 2.0, INF, NAN])
for _name in ("asin", "arcsin", "acos", "arccos", "atanh", "arctanh"):
    row(_name, -0.9, 0.9, [0.0, -0.0, 1.0, -1.0, 1.5, INF, NAN])
for _name in ("acosh", "arccosh"):
    row(_name, 1.2, 5, [1.0, 0.5, 1e10, INF, NAN])


@case("sinc", dtypes=FLOATS, errors=NO_NUMBERS)
def sinc(m):
    yield from one(m, 0.1, 3, [0.0, 1.0, -2.0, 0.5, NAN] if m.floating else ())


TEXT = [
    error("a", kind=TypeError, match="multiply|str"),
    error(None, kind=TypeError, match="multiply|unsupported|NoneType"),
]


@case("deg2rad", dtypes=ALL, errors=TEXT)
def deg2rad(m):
    yield from one(m, -180, 180, [0.0, 360.0, INF, NAN] if m.floating else ())


@case("rad2deg", dtypes=ALL, errors=TEXT)
def rad2deg(m):
    yield from one(m, -3, 3, [0.0, 3.1415926, INF, NAN] if m.floating else ())


for _name in ("atan2", "arctan2"):

    @case(_name, dtypes=("float64", "float32", "int64"), errors=NO_BROADCAST + NO_TENSORS)
    def atan2(m):
        yield from two(m, 0.3, 3)
        if m.floating:
            yield call(m.array([0.0, 0.0, -0.0, INF, 1.0, NAN]),
                       m.array([0.0, -0.0, -1.0, INF, -INF, 1.0]))  # fmt: skip
