"""Rows for arithmetic."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import ALL, NUMBERS, call, case, error

INF, NAN = np.inf, np.nan
BOOLS, WHOLE = np.array([True, False]), np.arange(3)
TEXT = [error(np.zeros(2), "a", kind=TypeError, match="number or a tensor")]


@case(
    "add",
    dtypes=ALL,
    reference=lambda x, y, alpha=1: np.add(x, y if alpha == 1 else alpha * y),
    errors=[
        *NO_BROADCAST,
        *TEXT,
        error(WHOLE, WHOLE, alpha=1.5, match="alpha must not be a floating point number"),
    ],
)
def add(m):
    yield from two(m)
    yield call(m(3), 2)
    x = m(3)
    yield call(x, x)
    if m.dtype.kind != "b":
        yield call(m(3), m(3), alpha=2)
    if m.floating:
        yield call(m.array([INF, -INF, NAN, 1e30]), m(4))


for _name in ("sub", "subtract"):

    @case(_name, dtypes=NUMBERS, reference=lambda x, y, alpha=1: x - alpha * y, errors=[
        *NO_BROADCAST, *TEXT, error(BOOLS, BOOLS, match="Subtraction.*bool"),
    ])  # fmt: skip
    def sub(m):
        yield from two(m)
        yield call(m(3), 2)
        yield call(m(3), m(3), alpha=2)
        x = m(3)
        yield call(x, x)
        if m.floating:
            yield call(m.array([INF, -INF, NAN, 1e30]), m(4))


@case(
    "rsub",
    dtypes=NUMBERS,
    errors=[*NO_TENSORS, error(np.zeros((2, 3)), np.zeros(4), match="axis -1 has 4 and 3")],
)
def rsub(m):
    yield from two(m)
    yield call(m(3), 2)
    yield call(m(3), m(3), alpha=2)


for _name in ("mul", "multiply"):

    @case(_name, dtypes=ALL, reference=np.multiply, errors=NO_BROADCAST + TEXT)
    def mul(m):
        yield from two(m)
        yield call(m(3), 2)
        x = m(3)
        yield call(x, x)
        if m.floating:
            yield call(m.array([INF, -INF, NAN, 0.0]), m.array([0.0, 2.0, 1.0, INF]))


DIVIDE = [*NO_BROADCAST, *TEXT]
MODE = error(np.ones(2), 2, rounding_mode="up", match="expected rounding_mode to be one of")
ZERO = error(WHOLE, 0, rounding_mode="floor", match="ZeroDivisionError")

for _name in ("div", "divide"):

    @case(_name, dtypes=NUMBERS, errors=[*DIVIDE, MODE, ZERO])
    def div(m):
        yield from two(m, 1, 4)
        yield call(m(3), 2)
        yield call(m(6), 2, rounding_mode="floor")
        yield call(m(6), -2, rounding_mode="trunc")
        yield call(m(6), m(6, low=1, high=4), rounding_mode="trunc")
        x = m(3, low=1, high=4)
        yield call(x, x)
        if m.floating:
            yield call(m.array([1.0, -1.0, 0.0, INF]), m.array([0.0, 0.0, 0.0, INF]))


@case("true_divide", dtypes=NUMBERS, errors=DIVIDE)
def true_divide(m):
    yield from two(m, 1, 4)
    yield call(m(3), 2)


for _name in ("floor_divide", "remainder", "fmod"):

    @case(_name, dtypes=NUMBERS, differences=False, grad=_name != "floor_divide", errors=[
        *NO_BROADCAST, error(WHOLE, 0, match="ZeroDivisionError"),
        error(BOOLS, BOOLS, match="not implemented for bool"),
    ])  # fmt: skip
    def whole_division(m):
        yield from two(m, -9, 9, 1, 4)
        yield call(m(6, low=-9, high=9), m(6, low=-4, high=-1))
        yield call(m(3), 2)
        yield call(m(3), -2)
        yield call(m.array([7, -7, 6, -6]), m.array([3, 3, 3, 3]))


for _name in ("neg", "negative"):

    @case(_name, dtypes=NUMBERS, reference=np.negative,
          errors=[*NO_NUMBERS, error(BOOLS, match="Negation.*bool")])  # fmt: skip
    def neg(m):
        yield from one(m, corners=[0.0, -0.0, INF, NAN] if m.floating else [0, 1])


@case("positive", dtypes=NUMBERS, errors=[
    error(BOOLS, match="on a bool tensor is not supported"),
    error("a", kind=(TypeError, AttributeError), match="str"),
])  # fmt: skip
def positive(m):
    yield from one(m)


for _name in ("abs", "absolute"):

    @case(_name, dtypes=NUMBERS, reference=np.absolute, differences=False,
          errors=[*NO_NUMBERS, error(BOOLS, match="not implemented for bool")])  # fmt: skip
    def absolute(m):
        yield from one(m, corners=[0.0, -0.0, -INF, NAN] if m.floating else [0, -1])


@case("reciprocal", dtypes=ALL, errors=NO_NUMBERS)
def reciprocal(m):
    yield from one(m, 1, 4, [0.0, -0.0, INF, NAN] if m.floating else [0, 1])


@case("hypot", reference=np.hypot,
      errors=[*NO_BROADCAST, error(WHOLE, WHOLE, match="not implemented")])  # fmt: skip
def hypot(m):
    yield from two(m, 0.5, 3)
    yield call(m.array([0.0, 3.0, 1e30, INF]), m.array([1.0, -4.0, 1.0, 1.0]))


@case("copysign", dtypes=NUMBERS, reference=np.copysign, differences=False,
      errors=NO_BROADCAST + NO_TENSORS)  # fmt: skip
def copysign(m):
    yield from two(m)
    yield call(m(4), -1)
    yield call(m.array([0, 1, -1]), m.array([-1, 0, 1]))


@case("lerp", errors=[
    error(np.zeros((2, 3)), np.zeros(4), 0.5, match=r"axis -1 has 3 and 4"),
    error(np.zeros(3), np.zeros(3, np.float32), 0.5, match="expected dtype float64 for `end`"),
])  # fmt: skip
def lerp(m):
    for weight in (0, 1, 0.3, 0.8, -2):
        yield call(m(3), m(3), weight)
    yield call(m(3, 4), m(4), m(3, 1, low=0.6, high=1))
    yield call(m(3, 4), m(3, 4), m(3, 4, low=0, high=0.4))
    yield call(m(), m(), m(low=0, high=0.4))
    yield call(m(0), m(0), 0.5)
    yield call(m(4, 3).T, m(3, 4), 0.25)
    yield call(m(6)[::-1], m(6)[::-1], 0.25)
    yield call(m(2, 1, 3), m(4, 1), m(1, low=0, high=0.4))


for _name, _extra in (("addcmul", ()), ("addcdiv", (
    error(WHOLE, WHOLE, WHOLE, match="Integer division with addcdiv is no longer supported"),
))):  # fmt: skip

    @case(_name, dtypes=("float64", "float32"), errors=[
        error(np.zeros(3), np.zeros((2, 3)), np.ones(4), match=r"axis -1 has 3 and 4"),
        error(np.zeros(4), np.zeros((2, 3)), np.ones(3), match=r"axis -1 has 4 and 3"),
        *_extra,
    ])  # fmt: skip
    def three(m):
        for value in (1, 2, -0.5):
            yield call(m(3, 4), m(3, 4), m(3, 4, low=1, high=3), value=value)
        yield call(m(3), m(2, 3), m(3, low=1, high=3))
        yield call(m(2, 3), m(3), m(2, 1, low=1, high=3))
        yield call(m(), m(), m(low=1, high=3))
        yield call(m(3), m(), m(low=1, high=3))
        yield call(m(0), m(0), m(0))
        yield call(m(0, 3), m(3), m(3, low=1, high=3), value=3)
        yield call(m(4, 3).T, m(3, 4), m(4, low=1, high=3))
        yield call(m(6)[::-1], m(6), m(6, low=1, high=3)[::-1])
        yield call(m(6)[::2], m(3), m(3, low=1, high=3))
        x = m(3, low=1, high=3)
        yield call(x, x, x)


for _name in ("gcd", "lcm"):

    @case(_name, dtypes=("int64", "int32"), grad=False, reference=getattr(np, _name), errors=[
        error(np.zeros(3), np.zeros(3), match="gcd|lcm"),
        error(WHOLE, 2, kind=TypeError, match="must be Tensor"),
    ])  # fmt: skip
    def common(m):
        yield from two(m, -30, 30)
        yield call(m.array([0, 0, 5]), m.array([0, 5, 0]))
