"""Rows for joining and splitting."""

import numpy as np

from table import NUMBERS, call, case, error

X = np.zeros((3, 4))
EMPTY = error([], kind=(ValueError, RuntimeError), match="non-empty")
RANGE = r"Dimension out of range"


def lists(m):
    """Lists of arrays of one shape, in every layout."""
    for shape in ((3, 4), (1,), (0,), (2, 0, 3), (5,), (2, 1, 3)):
        yield [m(*shape), m(*shape)]
    yield [m(3)]
    yield [m(2), m(2), m(2)]
    yield [m(4, 3).T, m(3, 4)]
    yield [m(6)[::-1], m(6)]
    yield [m(6)[::2], m(3)]
    x = m(3)
    yield [x, x]


@case("cat", dtypes=NUMBERS, errors=[
    EMPTY,
    error([X, np.zeros(3)], match="must have same number of dimensions: got 2 and 1"),
    error([X, np.zeros((3, 5))], match="must match except in dimension 0. Expected size 4"),
    error([np.zeros(())], match="zero-dimensional tensor .at position 0. cannot be concatenated"),
    error([X, X], 2, kind=IndexError, match=RANGE),
])  # fmt: skip
def cat(m):
    for xs in lists(m):
        yield call(xs)
    yield call([m(3, 4), m(2, 4)], 0)
    yield call([m(3, 4), m(3, 1), m(3, 2)], 1)
    yield call([m(3, 4), m(0)], 0)
    yield call([m(2, 3, 1), m(2, 3, 2)], -1)


for _name in ("concat", "concatenate"):

    @case(_name, errors=[EMPTY, error([X, X], 2, kind=IndexError, match=RANGE)])
    def concat(m):
        for xs in lists(m):
            yield call(xs, -1)


@case("stack", dtypes=NUMBERS, errors=[
    EMPTY,
    error([X, X.T], match="stack expects each tensor to be equal size"),
    error([X, X], 3, kind=IndexError, match=RANGE),
])  # fmt: skip
def stack(m):
    for xs in lists(m):
        yield call(xs)
        yield call(xs, -1)
    yield call([m(), m()])
    yield call([m(3, 4), m(3, 4)], 1)


for _name in ("hstack", "vstack", "row_stack", "dstack", "column_stack"):

    @case(_name, errors=[
        EMPTY, error([X, np.zeros((5, 5, 5))], match="must match|same number of dimensions"),
    ])  # fmt: skip
    def stacks(m):
        for xs in lists(m):
            yield call(xs)
        yield call([m(), m()])


@case("block_diag", errors=[
    error(np.zeros((1, 1, 1)), match="must have 2 or fewer dimensions"),
    error(X, np.zeros((1, 1, 1)), match="Input 1 has 3 dimensions"),
])  # fmt: skip
def block_diag(m):
    for xs in lists(m):
        if all(x.ndim < 3 for x in xs):
            yield call(*xs)
    yield call(m(), m(2, 2))
    yield call(m(2, 3), m(1), m(3, 2))


@case("meshgrid", errors=[
    error(X, indexing="ij", match="Expected 0D or 1D tensor"),
    error(np.zeros(2), indexing="zz", match="indexing must be one of"),
])  # fmt: skip
def meshgrid(m):
    for sizes in ((3, 4), (3,), (0, 2), (2, 3, 4), (1, 1)):
        yield call(*(m(n) for n in sizes), indexing="ij")
        yield call(*(m(n) for n in sizes), indexing="xy")
    yield call(m(), m(2), indexing="xy")
    yield call(m(6)[::-1], m(6)[::2], indexing="ij")


@case("cartesian_prod", errors=[
    error(X, match="Expect a 1D vector"), error(np.zeros(2), np.zeros(()), match="Expect a 1D"),
])  # fmt: skip
def cartesian_prod(m):
    for sizes in ((3, 4), (3,), (0, 2), (2, 3, 2), (1, 1), (2, 0), (1, 2, 1, 2), (5, 1), (1, 5)):
        yield call(*(m(n) for n in sizes))
    yield call(m(6)[::-1], m(2))
    yield call(m(6)[::2], m(2))
    x = m(3)
    yield call(x, x)


@case("combinations", errors=[
    error(X, match="Expect a 1D vector"), error(np.zeros(2), -1, match="non-negative number"),
])  # fmt: skip
def combinations(m):
    for n, r, again in ((3, 2, False), (3, 2, True), (4, 3, False), (2, 3, False), (2, 3, True),
                        (0, 2, False), (3, 1, False), (1, 1, True), (5, 4, False)):  # fmt: skip
        yield call(m(n), r, again)
    yield call(m(4)[::-1])
    yield call(m(6)[::2])
    yield call(m.array([1, 1, 2]))


# ---- splitting


def splits(name, choices, errors):
    """A row: arrays of six rows in every layout, with every choice of arguments."""

    @case(name, errors=errors)
    def samples(m):
        for x in (m(6), m(6)[::-1], m(12)[::2], m(6, 2), m(2, 6).T, m(6, 0)):
            for args in choices:
                if x.size or args != (-1,):
                    yield call(x, *args)
        yield call(m(6, 3), *choices[0])


SPLIT = [
    error(X, -1, match="split_size be non-negative, but got split_size=-1"),
    error(X, 0, match="can only be 0 if dimension size is 0"),
    error(X, [1, 1], match="to sum exactly to 3"),
    error(np.zeros(()), 1, match="at least a 1-dimensional tensor"),
]
splits("split", ((2,), (4,), ([1, 2, 3],), (9, 0), ([6, 0],)), SPLIT)
splits("Tensor.split", ((2,), (2, -1)), SPLIT)
splits("unsafe_split", ((2,), (5,)), SPLIT[:2])
splits("split_copy", ((2,), (5,)), SPLIT[:2])
for _name in ("split_with_sizes", "split_with_sizes_copy"):
    splits(_name, (([1, 2, 3],), ([6],)), [
        SPLIT[2], error(X, [4, -1], match="only non-negative entries"),
    ])  # fmt: skip
for _name in ("chunk", "unsafe_chunk"):
    splits(_name, ((2,), (4,), (9, -1)), [
        error(X, 0, match="greater than 0, got: 0"),
        error(X, 2, 2, kind=IndexError, match=RANGE),
    ])  # fmt: skip
splits("tensor_split", ((2,), (4,), ((1, 4),), ((4, 2),), ((-1, 9),), (3, -1)), [
    error(X, 0, match="number of sections must be larger than 0"),
    error(np.zeros(()), 2, match="at least a 1-dimensional tensor"),
])  # fmt: skip
for _name in ("unbind", "unbind_copy"):
    splits(_name, ((), (-1,)), [
        error(np.zeros(()), kind=IndexError, match="tensor has no dimensions"),
        error(X, 2, kind=IndexError, match=RANGE),
    ])  # fmt: skip


def stacked(name, arrays, n):
    @case(
        name,
        errors=[
            error(np.zeros((1,) * (n - 1)), 1, match=f"at least {n} dimension"),
            error(np.zeros((5, 5, 5)), 3, match="is not divisible by the split_size 3"),
        ],
    )
    def samples(m):
        for x in arrays(m):
            yield call(x, 2)
            yield call(x, (1, 3))


stacked("hsplit", lambda m: [m(4), m(3, 4), m(4)[::-1], m(8)[::2], m(4, 3).T, m(2, 4, 2)], 1)
stacked("vsplit", lambda m: [m(4, 1), m(4, 3), m(4, 2)[::-1], m(8, 1)[::2], m(3, 4).T,
                             m(4, 2, 2)], 2)  # fmt: skip
stacked("dsplit", lambda m: [m(2, 3, 4), m(1, 1, 4), m(4, 3, 2).transpose(2, 1, 0), m(2, 0, 4),
                             m(2, 2, 4)[::-1], m(2, 2, 8)[..., ::2]], 3)  # fmt: skip
