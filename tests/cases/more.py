"""Rows for forms of functions that torch keeps beside the usual ones, and for complex views."""

import numpy as np

from samples import one
from table import ALL, FLOATS, NUMBERS, call, case, const, error

Z = np.zeros


NOT_COMPLEX = [
    error(Z(2), match="complex"),
    error(np.arange(3), match="complex"),
]
for _name in ("imag", "view_as_real"):

    @case(_name, dtypes=("complex128", "complex64"), grad=False, errors=NOT_COMPLEX)
    def of_complex(m):
        for sample in one(m, corners=[np.inf, np.nan, -0.0]):
            yield call(np.asarray(sample.args[0] * np.asarray(1 - 2j, m.dtype)))


@case("view_as_complex", dtypes=FLOATS, errors=[
    error(Z(3), match="last dimension of size 2"),
    error(Z(()), match="last dimension of size 2|one or more dimensions"),
])  # fmt: skip
def view_as_complex(m):
    for shape in ((2,), (3, 2), (0, 2), (1, 2), (2, 3, 2), (2, 0, 2)):
        yield call(m(*shape))
    yield call(m(4, 3, 2)[::2])
    yield call(m(3, 4, 2).swapaxes(0, 1))
    yield call(m(6, 2)[2:])
    yield call(m(2, 1, 1, 2))
    yield call(m.array([[np.inf, 0], [np.nan, 1]]))
    yield call(m(5, 2, low=-1e30, high=1e30))


NO_METHOD = [
    error("a", kind=(TypeError, AttributeError), match="Tensor|str"),
    error(3, kind=(TypeError, AttributeError), match="Tensor|int"),
]
for _name in ("resolve_conj", "resolve_neg", "detach_copy"):

    @case(_name, dtypes=ALL, errors=NO_METHOD, grad=_name != "detach_copy")
    def alike(m):
        yield from one(m)


@case("ger", dtypes=NUMBERS, reference=np.outer, errors=[
    error(Z((2, 2)), Z(2), match="1-D"),
    error(Z(2), Z((2, 2)), match="1-D"),
])  # fmt: skip
def ger(m):
    for rows, columns in ((2, 3), (1, 4), (4, 1), (0, 2), (2, 0), (1, 1)):
        yield call(m(rows), m(columns))
        yield call(m(2 * rows)[::2], m(2 * columns)[1::2])
    x = m(3)
    yield call(x, x)


@case("index_put_", dtypes=NUMBERS, differences=False, grad=False,
      note="a leaf cannot be written: gradients are index_put's", errors=[
    error(Z(3), (const(np.array([5])),), Z(1), kind=IndexError, match="out of bounds"),
    error(Z(3), (const(np.array([0])),), Z(2), match="shape mismatch"),
])  # fmt: skip
def index_put_(m):
    for accumulate in (False, True):
        yield call(m(4), (m.index(1, size=4),), m(1), accumulate)
        yield call(m(4, 3), (m.index(1, size=4),), m(3), accumulate)
        yield call(m(4, 3), (const(np.array([0, 2])), const(np.array([1, 1]))), m(2), accumulate)
        yield call(m(4, 3), (const(np.array([3, 1])),), m(2, 3), accumulate)
        yield call(m(3, 4).T, (const(np.array([-1, 1])),), m(1), accumulate)
        yield call(m(4), (const(np.array([True, False, True, False])),), m(2), accumulate)
    yield call(m(3), (const(np.array([1, 1, 1])),), m(3), True)


def channelled(m):
    for shape in ((4, 3), (2, 3, 4), (2, 3, 2, 2), (4, 2, 3)):
        c = shape[1]
        yield m(*shape), m(c), m(c), const(m(c)), const(m(c, low=0.5))


NORM_ERRORS = [
    error(Z((2, 3, 4)), Z(4), None, None, None, True, 0.1, 1e-5, False,
          match="should contain 3 elements"),
    error(Z((2, 3, 4)), None, None, None, None, False, 0.1, 1e-5, False,
          kind=(RuntimeError, ValueError), match="to be defined"),
]  # fmt: skip


@case("batch_norm", errors=NORM_ERRORS)
def batch_norm(m):
    for x, w, b, mean, var in channelled(m):
        yield call(x, w, b, mean, var, False, 0.1, 1e-5, False)
        yield call(x, None, None, mean, var, False, 0.1, 0.1, True)
        yield call(x, w, b, None, None, True, 0.1, 1e-5, False)


@case("instance_norm", errors=NORM_ERRORS)
def instance_norm(m):
    for x, w, b, mean, var in channelled(m):
        if x.ndim > 2:
            yield call(x, w, b, None, None, True, 0.1, 1e-5, False)
            yield call(x, None, None, None, None, True, 0.1, 0.1, False)
            yield call(x, w, b, mean, var, False, 0.1, 1e-5, False)
            yield call(x, None, None, mean, var, False, 0.1, 1e-3, False)


@case("native_batch_norm", second=False, errors=[
    error(Z((2, 3)), None, None, None, None, False, 0.1, 1e-5,
          kind=(RuntimeError, ValueError), match="to be defined"),
    error(np.zeros((2, 3), np.int64), None, None, None, None, True, 0.1, 1e-5,
          match="not implemented for 'Long'"),
])  # fmt: skip
def native_batch_norm(m):
    for x, w, b, mean, var in channelled(m):
        yield call(x, w, b, mean, var, False, 0.1, 1e-5)
        yield call(x, None, None, mean, var, False, 0.1, 0.1)
        yield call(x, w, b, None, None, True, 0.1, 1e-5)


@case("native_layer_norm", second=False, errors=[
    error(Z((2, 3)), (4,), None, None, 1e-5, match=r"expected input with shape \[\*, 4\]"),
    error(Z((2, 3)), (3,), Z(4), None, 1e-5, match="same shape as normalized_shape"),
])  # fmt: skip
def native_layer_norm(m):
    for shape, last in (((2, 3), (3,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((5,), (5,))):
        yield call(m(*shape), last, None, None, 1e-5)
        yield call(m(*shape), last, m(*last), m(*last), 1e-5)
        yield call(m(*shape), last, m(*last), None, 0.1)


@case("native_group_norm", second=False, atol=2e-5, errors=[
    error(Z((2, 4)), Z(3), None, 2, 4, 1, 2, 1e-5, match="vector of size equal"),
    error(Z((2, 3)), None, None, 2, 3, 1, 2, 1e-5, match="divisible by num_groups"),
])  # fmt: skip
def native_group_norm(m):
    for shape in ((2, 4), (2, 4, 3), (2, 4, 2, 2), (1, 4, 5)):
        sizes = shape[0], 4, int(np.prod(shape[2:]))
        yield call(m(*shape), None, None, *sizes, 2, 1e-5)
        yield call(m(*shape), m(4), m(4), *sizes, 1, 1e-5)
        yield call(m(*shape), m(4), m(4), *sizes, 2, 0.1)


@case("embedding", differences=False, errors=[
    error(Z((3, 2)), const(np.array([4])), kind=IndexError, match="index out of range"),
    error(Z((3, 2)), const(np.array([0.5])), match="Long, Int"),
])  # fmt: skip
def embedding(m):
    for shape in ((3,), (2, 3), (), (0,), (2, 1, 2)):
        yield call(m(4, 2), m.index(*shape, size=4))
        yield call(m(4, 2), m.index(*shape, size=4), 1)
    yield call(m(2, 4).T, m.index(3, size=4))
    yield call(m(4, 2), m.index(6, size=4), -1, True)
