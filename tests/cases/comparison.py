"""Rows for comparisons, logic, extremes of two tensors, and selection."""

import numpy as np

from samples import NO_BROADCAST, NO_NUMBERS, NO_TENSORS, one, two
from table import ALL, NUMBERS, call, case, const, error

INF, NAN = np.inf, np.nan
ODD = [1.0, NAN, INF, -INF, 0.0, -0.0]

for _names, _ufunc in (
    (("eq",), np.equal), (("ne", "not_equal"), np.not_equal), (("lt", "less"), np.less),
    (("le", "less_equal"), np.less_equal), (("gt", "greater"), np.greater),
    (("ge", "greater_equal"), np.greater_equal),
):  # fmt: skip
    for _name in _names:

        @case(_name, dtypes=ALL, grad=False, reference=_ufunc,
              errors=NO_BROADCAST + NO_TENSORS)  # fmt: skip
        def compare(m):
            yield from two(m)
            yield call(m(5), 1)
            yield call(m(5), 0.5)
            x = m(4)
            yield call(x, x)
            if m.floating:
                yield call(m.array(ODD), m.array(ODD[::-1]))


for _name in ("logical_and", "logical_or", "logical_xor"):

    @case(_name, dtypes=ALL, grad=False, reference=getattr(np, _name),
          errors=NO_BROADCAST + NO_TENSORS)  # fmt: skip
    def logical(m):
        yield from two(m)
        yield call(m.array([0, 1, 0, 1]), m.array([0, 0, 1, 1]))


for _name in ("logical_not", "isnan", "isinf", "isfinite", "signbit"):

    @case(_name, dtypes=ALL, grad=False, errors=NO_NUMBERS)
    def asked(m):
        yield from one(m, corners=ODD if m.floating else [0, 1])


NOT_TENSOR = [error("a", kind=(TypeError, AttributeError), match="str"),
              error(None, kind=(TypeError, AttributeError), match="NoneType")]  # fmt: skip
for _name in ("isposinf", "isneginf", "isreal"):

    @case(_name, dtypes=ALL, grad=False, errors=NOT_TENSOR)
    def asked_more(m):
        yield from one(m, corners=ODD if m.floating else [0, 1])


CLOSE_ERRORS = [
    error(np.zeros(3), np.zeros(3, np.float32), match="Double did not match Float"),
    error(np.zeros(3), np.zeros(3), rtol=-1, match="rtol must be greater than or equal to zero"),
]
for _name in ("isclose", "allclose"):

    @case(_name, dtypes=ALL, grad=False, errors=NO_TENSORS + CLOSE_ERRORS)
    def close(m):
        yield from two(m)
        x = m(4)
        yield call(x, x)
        yield call(x, x, rtol=0.0, atol=0.5)
        if m.floating:
            yield call(m.array([1.0, 1.0, 100.0]), m.array([1.0 + 1e-6, 1.1, 100.0005]))
            yield call(m.array([NAN, INF, INF, 1.0]), m.array([NAN, INF, -INF, INF]))
            yield call(m.array([NAN, 1.0]), m.array([NAN, 1.0]), equal_nan=True)


@case("equal", dtypes=ALL, grad=False, errors=[
    error("a", np.zeros(2), kind=(TypeError, AttributeError), match="str"),
    error(np.zeros(2), None, kind=(TypeError, AttributeError), match="None"),
])  # fmt: skip
def equal(m):
    yield from two(m)
    x = m(4)
    yield call(x, x)
    yield call(x, x.copy())


for _name in ("maximum", "minimum", "fmax", "fmin"):

    @case(_name, dtypes=ALL, reference=getattr(np, _name), differences=False,
          errors=NO_BROADCAST + NO_TENSORS)  # fmt: skip
    def extreme(m):
        yield from two(m)
        yield call(m.array([0, 1, 1]), m.array([0, 1, 0]))
        x = m(3)
        yield call(x, x)
        if m.floating:
            yield call(m.array([NAN, 1.0, NAN, INF]), m.array([1.0, NAN, NAN, -INF]))


@case("where", dtypes=ALL, errors=[
    error(np.zeros(2), np.zeros(2), np.zeros(2), match="condition to be a boolean tensor"),
    error(np.zeros((2, 3), bool), np.zeros(4), np.zeros(4), match="axis -1 has 3 and 4"),
])  # fmt: skip
def where(m):
    yield call(m.mask(3, 4), m(3, 4), m(3, 4))
    yield call(m.mask(4), m(3, 4), m(4))
    yield call(m.mask(3, 1), m(4), m(3, 4))
    yield call(m.mask(), m(), m())
    yield call(m.mask(3), m(), m(3))
    yield call(m.mask(0), m(0), m(1))
    yield call(m.mask(2, 0), m(0), m(2, 1))
    yield call(m.mask(3), m(3), 2)
    yield call(m.mask(3), 1, m(3))
    yield call(m.mask(3), 1.5, m(3))
    yield call(const(m.mask(6).array[::-1]), m(6)[::-1], m(6))
    yield call(m.mask(3, 4), m(4, 3).T, m(3, 4))
    x = m(3)
    yield call(m.mask(3), x, x)
    if m.floating:
        yield call(m.mask(4), m.array([NAN, INF, -INF, 1.0]), m(4))


@case("Tensor.where", dtypes=NUMBERS, errors=[
    error(np.zeros(2), np.zeros(2), np.zeros(2), match="condition to be a boolean tensor"),
    error(np.zeros(4), np.zeros((2, 3), bool), np.zeros(4), match="axis -1 has 3 and 4"),
])  # fmt: skip
def where_method(m):
    for sample in where(m):
        condition, x, y = sample.args
        if isinstance(x, np.ndarray):
            yield call(x, condition, y)
