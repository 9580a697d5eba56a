"""Rows for reading and writing at indices."""

import numpy as np

from table import NUMBERS, call, case, const, error

X = np.zeros((3, 4))
RANGE = r"Dimension out of range"
OUT = r"out of bounds for dimension"


def ints(*values):
    return const(np.array(values, dtype=np.int64))


def longs(values):
    return np.asarray(values, dtype=np.int64)


def basic(m):
    x = m(3, 4)
    for index in (
        0, -1, (1, 2), slice(1, 3), (slice(None), slice(None, None, 2)), None, ..., (..., 0),
        (None, 1, ..., None), (), slice(3, 1), (slice(-2, None), -1), (slice(None), None, 3),
    ):  # fmt: skip
        yield call(x, index)
    yield call(m(), ...)
    yield call(m(), None)
    yield call(m(0), slice(0, 0))
    yield call(m(4, 3).T, (slice(1, None), 2))
    yield call(m(6)[::-1], slice(1, 5, 2))
    yield call(m(6)[::2], 1)


def advanced(m):
    x, y = m(3, 4), m(2, 3, 4)
    mask = m.mask(3, 4)
    yield call(x, ints(0, 2, 0))
    yield call(x, [0, 2, 2])
    yield call(x, (slice(None), [1, 1, 3]))
    yield call(x, (ints(0, 2), ints(3, -1)))
    yield call(x, (const(longs([[0], [1]])), ints(0, 2)))
    yield call(x, mask)
    yield call(x, (const(np.array([True, False, True])), 1))
    yield call(x, (const(np.array([True, False, True])), ints(1, 2)))
    yield call(x, const(longs([[0, 1], [2, 2]])))
    yield call(x, const(longs(1)))
    yield call(x, True)
    yield call(x, False)
    yield call(y, (0, slice(None), ints(0, 1)))
    yield call(y, (ints(0, 1), slice(None), ints(0, 3)))
    yield call(y, (slice(None), None, ints(0, 1), ints(0, 3)))
    yield call(y, (ints(0, 1), None, ints(0, 2)))
    yield call(y, (..., ints(0, 0, 3)))
    yield call(y, (slice(None), mask))
    yield call(y, (slice(None), ints(0, 1), slice(1, 3)))
    yield call(x, const(longs([]).reshape(0)))
    yield call(m(4, 3).T, (ints(0, 0), ints(1, 1)))
    yield call(m(6)[::-1], ints(5, 0, 5))


@case("Tensor.__getitem__", dtypes=NUMBERS, errors=[
    error(X, 5, kind=IndexError, match="index 5 is out of bounds for dimension 0 with size 3"),
    error(X, (0, 0, 0), kind=IndexError, match="too many indices for tensor of dimension 2"),
    error(X, slice(None, None, -1), kind=ValueError, match="step must be greater than zero"),
    error(X, 1.5, kind=IndexError, match="only integers, slices"),
    error(X, np.array([1.0]), kind=IndexError, match="must be long, int, byte or bool"),
    error(X, np.array([True, False]), kind=IndexError, match="does not match the shape"),
    error(X, np.array([7]), kind=IndexError, match=OUT),
    error(X, (np.array([0, 1]), np.array([0, 1, 2])), kind=IndexError, match="broadcast together"),
    error(np.zeros(()), 0, kind=IndexError, match="invalid index of a 0-dim tensor"),
])  # fmt: skip
def getitem(m):
    yield from basic(m)
    yield from advanced(m)


@case("gather", dtypes=NUMBERS, errors=[
    error(X, 0, longs([0, 1]), match="must have the same number of dimensions"),
    error(X, 1, longs([[0, 4]]), match="index 4 is out of bounds for dimension 1 with size 4"),
    error(X, 1, longs([[0, -1]]), match="index -1 is out of bounds"),
    error(X, 1, np.zeros((1, 1)), match="Expected dtype int32/int64 for index"),
    error(X, 1, longs(np.zeros((4, 2))), match="to be no larger than self"),
])  # fmt: skip
def gather(m):
    yield call(m(3, 4), 0, m.index(3, 4, size=3))
    yield call(m(3, 4), 1, m.index(3, 4, size=4))
    yield call(m(3, 4), 0, m.index(5, 2, size=3))
    yield call(m(3, 4), -1, m.index(2, 9, size=4))
    yield call(m(5), 0, m.index(3, size=5))
    yield call(m(), 0, ints(0))
    yield call(m(3), 0, ints())
    yield call(m(2, 3, 2), 1, m.index(2, 1, 2, size=3))
    yield call(m(4, 3).T, 0, m.index(3, 4, size=3))
    yield call(m(6)[::-1], 0, m.index(4, size=6))
    yield call(m(6)[::2], 0, m.index(4, size=3))
    yield call(m(3), 0, ints(1, 1, 1))


@case("take_along_dim", errors=[
    error(X, longs([0]), 0, match="same number of dimensions"),
    error(X, longs([[9]]), 0, match=OUT),
])  # fmt: skip
def take_along_dim(m):
    yield call(m(3, 4), m.index(3, 1, size=4), 1)
    yield call(m(3, 4), m.index(1, 4, size=3), 0)
    yield call(m(3, 4), m.index(2, 4, size=3), 0)
    yield call(m(3, 4), m.index(5, size=12))
    yield call(m(1, 4), m.index(3, 2, size=4), 1)
    yield call(m(5), m.index(3, size=5), 0)
    yield call(m(2, 1, 3), m.index(1, 4, 2, size=3), -1)
    yield call(m(3), ints(-1, 0), 0)
    yield call(m(3), ints(), 0)
    yield call(m(4, 3).T, m.index(3, 1, size=4), 1)
    yield call(m(6)[::-1], m.index(4, size=6), 0)
    yield call(m(6)[::2], m.index(4, size=3), 0)


@case("index_select", dtypes=NUMBERS, errors=[
    error(X, 0, longs([[1]]), kind=IndexError, match="Index is supposed to be a vector"),
    error(X, 0, longs([5]), kind=IndexError, match="index out of range in self"),
    error(X, 2, longs([0]), kind=IndexError, match=RANGE),
])  # fmt: skip
def index_select(m):
    yield call(m(3, 4), 0, m.index(5, size=3))
    yield call(m(3, 4), 1, m.index(2, size=4))
    yield call(m(3, 4), -1, m.index(6, size=4))
    yield call(m(3, 4), 0, const(longs(1)))
    yield call(m(), 0, ints(0))
    yield call(m(3), 0, ints())
    yield call(m(5), 0, ints(0, 0, 4))
    yield call(m(2, 0, 3), 2, ints(1, 1))
    yield call(m(2, 3, 2), 1, m.index(4, size=3))
    yield call(m(4, 3).T, 0, m.index(3, size=3))
    yield call(m(6)[::-1], 0, m.index(4, size=6))
    yield call(m(6)[::2], 0, m.index(4, size=3))


def slices(m, unique):
    """Arguments (x, dim, index, source) of the functions that write slices."""
    for shape, dim, n in (
        ((3, 4), 0, 2),
        ((3, 4), 1, 3),
        ((5,), 0, 4),
        ((2, 3, 2), 1, 2),
        ((2, 3, 2), -1, 1),
        ((3,), 0, 0),
        ((1,), 0, 1),
        ((4, 1), 0, 3),
    ):
        size = shape[dim]
        index = (
            const(m.random.permutation(size)[:n].astype(np.int64))
            if unique
            else m.index(n, size=size)
        )
        part = list(shape)
        part[dim] = n
        yield m(*shape), dim, index, m(*part)
    order = ints(2, 0) if unique else ints(1, 1)
    yield m(4, 3).T, 0, order, m(2, 4)
    yield m(6)[::-1], 0, order, m(2)
    yield m(6)[::2], 0, order, m(2)
    yield m(3, 4), 0, order, m(4, 2).T
    yield m(), 0, ints(0), m(1)


WRITE = [
    error(X, 0, longs([0, 1]), np.zeros((1, 4)), match="Number of indices"),
    error(X, 0, longs([5]), np.zeros((1, 4)), match=OUT),
    error(X, 2, longs([0]), np.zeros((1, 4)), kind=IndexError, match=RANGE),
]


@case("index_add", dtypes=NUMBERS, errors=WRITE)
def index_add(m):
    for args in slices(m, unique=False):
        yield call(*args)
    yield call(m(3, 4), 0, ints(1, 1), m(2, 4), alpha=2)


@case("index_copy", dtypes=NUMBERS, errors=WRITE)
def index_copy(m):
    for args in slices(m, unique=True):
        yield call(*args)


@case("index_fill", errors=[
    error(X, 0, longs([5]), 1.0, match=OUT),
    error(X, 0, longs([1]), np.zeros(1), match="only supports a 0-dimensional value tensor"),
])  # fmt: skip
def index_fill(m):
    for x, dim, index, _ in slices(m, unique=False):
        yield call(x, dim, index, 2.5)
    yield call(m(3, 4), 0, ints(1, 1, 0), m())


@case("index_reduce", second=False, errors=[
    error(X, 0, longs([0]), np.zeros((1, 4)), "sum", match="prod, mean, amax or amin"),
    error(X, 0, longs([0, 1]), np.zeros((1, 4)), "prod", match="Number of indices"),
])  # fmt: skip
def index_reduce_all(m):
    for how in ("prod", "mean", "amax", "amin"):
        for args in slices(m, unique=False):
            yield call(*args, how)
        yield call(m(3, 4), 0, ints(1, 1), m(2, 4), how, include_self=False)


def scattered(m, unique=False):
    """Arguments (x, dim, index, src)."""
    for shape, dim, part in (
        ((3, 4), 0, (3, 4)), ((3, 4), 1, (3, 4)), ((3, 4), 0, (2, 3)), ((5,), 0, (3,)),
        ((2, 3, 2), 1, (2, 2, 1)), ((1,), 0, (1,)), ((3,), 0, (0,)), ((2, 5), -1, (1, 4)),
    ):  # fmt: skip
        size = shape[dim]
        if unique:
            index = np.argsort(m.random.uniform(size=[size if a == dim % len(shape) else n
                                                      for a, n in enumerate(part)]),
                               axis=dim)  # fmt: skip
            index = index[tuple(slice(0, n) for n in part)]
            index = const(index.astype(np.int64))
        else:
            index = m.index(*part, size=size)
        yield m(*shape), dim, index, m(*part)
    order = ints(2, 0) if unique else ints(1, 1)
    yield m(6)[::-1], 0, order, m(2)
    yield m(6)[::2], 0, order, m(2)
    yield m(3), 0, order, m(5)
    yield m(4, 3).T, 0, const(longs([[0, 1, 2, 0]])), m(4, 1).T
    yield m(), 0, ints(0), m(1)


SCATTER = [
    error(X, 1, longs([[0, 1]]), np.zeros((1, 1)), match="to be no larger size than src"),
    error(X, 1, longs([[9]]), np.zeros((1, 1)), match="index 9 is out of bounds"),
    error(X, 0, longs(np.zeros((3, 5))), np.zeros((3, 5)), match="to be no larger than self"),
]


@case("scatter", dtypes=NUMBERS, errors=[
    *SCATTER,
    error(X, 1, longs([[0]]), 2.0, reduce="foo", match="must be either add or multiply"),
])  # fmt: skip
def scatter(m):
    for args in scattered(m, unique=True):
        yield call(*args)
    yield call(m(3, 4), 1, m.index(3, 2, size=4), 2)
    if m.floating:
        x, dim, index, _ = next(scattered(m))
        yield call(x, dim, index, 2, reduce="multiply")
        yield call(x, dim, index, 2, reduce="add")


@case("scatter_add", dtypes=NUMBERS, errors=SCATTER)
def scatter_add(m):
    for args in scattered(m):
        yield call(*args)


@case("scatter_reduce", second=False, errors=[
    error(X, 1, longs([[0, 1]]), np.zeros((1, 2)), "foo", match="sum, prod, mean, amax or amin"),
    error(X, 1, longs([[9]]), np.zeros((1, 1)), "sum", match="index 9 is out of bounds"),
])  # fmt: skip
def scatter_reduce(m):
    for how in ("sum", "prod", "mean", "amax", "amin"):
        for args in list(scattered(m))[:-1]:
            yield call(*args, how)
            yield call(*args, how, include_self=False)


@case("index_put", dtypes=NUMBERS, errors=[
    error(X, (longs([0, 1]),), np.zeros(3), match="cannot be broadcast to indexing result"),
    error(X, (longs([5]),), np.zeros(4), kind=IndexError, match=OUT),
    error(X, (np.zeros(1),), np.zeros(4), kind=IndexError, match="must be long, int, byte or bool"),
])  # fmt: skip
def index_put(m):
    for indices, shape in (
        ((ints(0, 2),), (2, 4)), ((ints(0, 2),), (4,)), ((ints(0, 2),), ()),
        ((ints(0, 2), ints(1, 3)), (2,)), ((const(longs([[0], [1]])), ints(0, 2)), (2, 2)),
        ((None, ints(1, 3)), (3, 2)), ((ints(),), (0, 4)),
    ):  # fmt: skip
        yield call(m(3, 4), indices, m(*shape))
        yield call(m(3, 4), indices, m(*shape), accumulate=True)
    yield call(m(3, 4), (ints(1, 1),), m(2, 4), accumulate=True)
    yield call(m(4, 3).T, (ints(1, 0),), m(2, 4))
    yield call(m(6)[::-1], (ints(1, 5),), m(2))
    yield call(m(3), (const(np.array([True, False, True])),), m(2))


@case("take", dtypes=NUMBERS, errors=[
    error(X, longs([12]), kind=IndexError, match="tried to access index 12 on a tensor of 12"),
    error(X, np.zeros(1), match="Expected dtype int64 for index"),
])  # fmt: skip
def take(m):
    for x in (m(3, 4), m(1), m(4, 3).T, m(6)[::-1], m(6)[::2], m(2, 1, 3)):
        yield call(x, m.index(4, size=x.size))
        yield call(x, m.index(2, 2, size=x.size))
    yield call(m(), ints(0, -1))
    yield call(m(3), const(longs(1)))


@case("put", dtypes=NUMBERS, errors=[
    error(X, longs([1]), np.zeros(2), kind=IndexError, match="same number of elements"),
    error(X, longs([13]), np.zeros(1), kind=IndexError, match="tried to access index 13"),
])  # fmt: skip
def put(m):
    for x in (m(3, 4), m(4, 3).T, m(6)[::-1], m(6)[::2], m(2, 1, 3), m(4)):
        yield call(x, ints(1, 0), m(2))
        yield call(x, ints(1, 0, 1), m(3), accumulate=True)


@case("masked_fill", dtypes=NUMBERS, errors=[
    error(X, np.ones(4, bool), np.zeros(1), match="only supports a 0-dimensional value tensor"),
    error(X, longs([1, 0, 0, 0]), 1.0, match="only supports boolean masks"),
])  # fmt: skip
def masked_fill(m):
    for x in (m(3, 4), m(4, 3).T, m(3, 1), m(2, 3, 4), m(1, 1), m(3, 8)[:, ::2]):
        yield call(x, m.mask(4), 2)
        yield call(x, m.mask(3, 4), 2)
    yield call(m(6)[::-1], m.mask(6), m())
    yield call(m(), const(np.array(True)), 1)
    yield call(m(0), m.mask(0), 1)


@case("masked_select", dtypes=NUMBERS, errors=[
    error(X, longs([1, 0, 0, 0]), match="expected BoolTensor for mask"),
    error(X, np.ones(3, bool), match="axis -1 has 4 and 3"),
])  # fmt: skip
def masked_select(m):
    for x in (m(3, 4), m(4, 3).T, m(3, 1), m(2, 3, 4), m(1, 1), m(3, 8)[:, ::2]):
        yield call(x, m.mask(4))
        yield call(x, m.mask(3, 4))
    yield call(m(), const(np.array(True)))
    yield call(m(0), m.mask(0))
    yield call(m(6)[::-1], m.mask(6))


@case("masked_scatter", dtypes=NUMBERS, errors=[
    error(X, np.ones(4, bool), np.zeros(2), match="elements of source < number of ones in mask"),
    error(X, longs([1, 0, 0, 0]), np.zeros(12), match="boolean mask"),
])  # fmt: skip
def masked_scatter(m):
    for x in (m(3, 4), m(4, 3).T, m(3, 1), m(2, 3, 4), m(1, 1), m(3, 8)[:, ::2]):
        yield call(x, m.mask(4), m(24))
        yield call(x, m.mask(3, 4), m(4, 6))
    yield call(m(6)[::-1], m.mask(6), m(6))


SPARSE = [[0, 1, 0], [2, 0, 3]]
for _name in ("nonzero", "argwhere"):

    @case(_name, dtypes=("float64", "int64", "bool"), grad=False, errors=[
        error(kind=TypeError, match="argument"),
        error(X, 1, 2, kind=TypeError, match="argument"),
    ])  # fmt: skip
    def nonzero(m):
        for values in (
            SPARSE,
            [0],
            [1],
            [],
            0,
            1,
            [[0, 0]],
            [[1, 1]],
            [[[0, 1]], [[1, 0]]],
            [5, 0],
        ):
            yield call(m.array(values))
        yield call(m.array(SPARSE).T)
        yield call(m.array([0, 1, 0, 2])[::-1])
        yield call(m.array([0, 1, 0, 2])[::2])


@case("nonzero_static", dtypes=("float64", "int64"), grad=False, errors=[
    error(X, size=-1, match="non-negative"), error(X, kind=TypeError, match="size"),
])  # fmt: skip
def nonzero_static(m):
    for values in (SPARSE, [0], [1], [], [[0, 0]], [[1, 1]]):
        yield call(m.array(values), size=2)
        yield call(m.array(values), size=3, fill_value=-2)


@case("unravel_index", dtypes=("int64",), grad=False, errors=[
    error(np.zeros(2), (2, 2), kind=(TypeError, ValueError), match="integer"),
    error(longs([1]), (2, -2), kind=ValueError, match="negative"),
])  # fmt: skip
def unravel_index(m):
    for n, shape in ((12, (3, 4)), (12, (12,)), (24, (2, 3, 4)), (6, (1, 6)), (6, (6, 1)), (4, 4)):
        yield call(m.index(5, size=n), shape)
        yield call(m.index(2, 2, size=n), shape)
